import { newId } from "./id.js";
import { notFound } from "./refusal.js";

const files = new Map<string, Blob>();

/** Keeps a file that code wrote. Returns its id. */
export function writeFile(file: Blob): string {
  const id = newId("cfile");
  files.set(id, file);
  return id;
}

/** Answers with a file. */
export function readFile(_request: Request, id = ""): Response {
  const file = files.get(id);
  return file ? new Response(file) : notFound(`No file found with id '${id}'. Files of this page end with it.`);
}
