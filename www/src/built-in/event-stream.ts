/** An event of the service. */
export interface Event {
  readonly type: string;
  readonly [property: string]: unknown;
}

/** Sends events as the service does. A request that is aborted ends them. */
export function eventStream(events: AsyncGenerator<Event>): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    async pull(controller) {
      const { done, value } = await events.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`));
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
