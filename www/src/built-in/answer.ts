// A small Azure within the page, for where no simulator runs: it answers in the place of the network, draws what a canvas can, and
// nothing leaves the page. It has the image routes of each service and streams as Azure does, so the library takes it for Azure.

import { answerImage } from "./images.js";
import { notFound } from "./refusal.js";

type Route = readonly [method: string, path: RegExp, answer: (request: Request, ...parts: string[]) => Response | Promise<Response>];

const ROUTES: readonly Route[] = [
  ["POST", /\/images\/edits$/, (request) => answerImage(request, true)],
  ["POST", /\/(?:images\/generations$|providers\/blackforestlabs\/v1)/, (request) => answerImage(request, false)],
];

/** Answers as `fetch` does. */
export async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  for (const [method, path, respond] of ROUTES) {
    const [match, ...parts] = path.exec(pathname) ?? [];
    if (match !== undefined && method === request.method) return respond(request, ...parts);
  }
  return notFound("Only pictures are made in this page. Start npx azure-image-simulator for conversations and agents.");
}
