// A small Azure within the page, for where no simulator runs: it answers in the place of the network, draws what a canvas can, and
// nothing leaves the page. It has the image routes of each service, conversations with tools, and streams as Azure does, so the library
// takes it for Azure.

import { readFile } from "./files.js";
import { answerImage } from "./images.js";
import { notFound } from "./refusal.js";
import { cancelResponse, createResponse, retrieveResponse } from "./responses.js";

type Route = readonly [method: string, path: RegExp, answer: (request: Request, ...parts: string[]) => Response | Promise<Response>];

const ROUTES: readonly Route[] = [
  ["POST", /\/images\/edits$/, (request) => answerImage(request, true)],
  ["POST", /\/(?:images\/generations$|providers\/blackforestlabs\/v1)/, (request) => answerImage(request, false)],
  ["POST", /\/responses$/, createResponse],
  ["POST", /\/responses\/([^/]+)\/cancel$/, cancelResponse],
  ["GET", /\/responses\/([^/]+)$/, retrieveResponse],
  ["GET", /\/containers\/[^/]+\/files\/([^/]+)\/content$/, readFile],
];

/** Answers as `fetch` does. */
export async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  for (const [method, path, respond] of ROUTES) {
    const [match, ...parts] = path.exec(pathname) ?? [];
    if (match !== undefined && method === request.method) return respond(request, ...parts);
  }
  return notFound("This page plays images and conversations only. Start npx azure-image-simulator for agents and files.");
}
