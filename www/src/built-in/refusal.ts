/** Refuses a request. */
export function refuse(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status });
}

/** Refuses a request for something that is not there. */
export function notFound(message: string): Response {
  return refuse(404, "not_found", message);
}
