/** Requests to the Responses API, and what its tests ask of the answers. */

import type { Simulator } from "azure-image-simulator";
import { expect, readEvents, type StreamEvent } from "./fixtures.js";

/** The routes that make a response, one for each dialect. */
export const RESPONSES = {
  resource: "/openai/v1/responses",
  "project v1": "/api/projects/studio/openai/v1/responses",
  "project dated": "/api/projects/studio/openai/responses?api-version=2025-11-15-preview",
} as const;

/** The agents of the project. */
export const AGENTS = "/api/projects/studio/agents";

/** The headers that a careful client sends. */
export const HEADERS = {
  "content-type": "application/json",
  "api-key": "simulator-key",
  "x-ms-oai-image-generation-deployment": "gpt-image-1",
} as const;

/** A request; `path` is below the simulator's address. */
export function ask(
  simulator: Simulator,
  path: string,
  {
    body,
    headers = HEADERS,
    method = body === undefined ? "GET" : "POST",
  }: {
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
    readonly method?: string;
  } = {},
): Promise<Response> {
  return fetch(simulator.url + path, {
    method,
    headers,
    redirect: "manual",
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

/** The JSON of an answer. */
export async function askJson(simulator: Simulator, path: string): Promise<any> {
  return (await ask(simulator, path)).json();
}

/** The tool, fast to answer. */
export const tool = (more: object = {}) => ({ type: "image_generation", quality: "low", ...more });

/** A request for a picture. */
export const drawing = (input: unknown = "Draw a lake", more: object = {}): Record<string, unknown> => ({
  model: "gpt-4.1",
  input,
  tools: [tool()],
  ...more,
});

/** A request for a stream with two previews. */
export const streamedDrawing = (input: unknown = "Draw a lake", more: object = {}): Record<string, unknown> =>
  drawing(input, { tools: [tool({ partial_images: 2 })], stream: true, ...more });

/** A request for a stream in the background, which can be resumed. */
export const resumable = (input: unknown = "Draw a lake", more: object = {}): Record<string, unknown> =>
  streamedDrawing(input, { background: true, ...more });

/** Makes a response and returns its JSON. */
export async function create(simulator: Simulator, body: unknown, path: string = RESPONSES.resource): Promise<any> {
  const response = await ask(simulator, path, { body });
  const json = await response.json();
  expect(response.status, JSON.stringify(json).slice(0, 500)).toBe(200);
  return json;
}

/** Makes a response and returns its events. */
export async function stream(simulator: Simulator, body: unknown, path: string = RESPONSES.resource): Promise<StreamEvent[]> {
  const response = await ask(simulator, path, { body });
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  return readEvents(await response.text());
}

/** The pictures of a response. */
export function picturesOf(response: any): Buffer[] {
  return response.output
    .filter(({ type, result }: any) => type === "image_generation_call" && result !== null)
    .map(({ result }: any) => Buffer.from(result, "base64"));
}

/** The text of a response. */
export function textOf(response: any): string | undefined {
  return response.output.find(({ type }: any) => type === "message")?.content[0].text;
}

/** Retrieves a response until it has come to its end. */
export async function poll(simulator: Simulator, id: string, path: string = RESPONSES.resource): Promise<any> {
  let response: any;
  await expect
    .poll(async () => {
      response = await askJson(simulator, `${path}/${id}`);
      return response.status;
    })
    .not.toMatch(/queued|in_progress/);
  return response;
}

/** A picture in a message. */
export const inputImage = (bytes: Uint8Array, type = "image/png") => ({
  type: "input_image",
  image_url: `data:${type};base64,${Buffer.from(bytes).toString("base64")}`,
});

/** A message of the user. */
export const message = (text: string, ...parts: object[]) => [{ type: "message", role: "user", content: [{ type: "input_text", text }, ...parts] }];

/** The names of events, with repeated ones once. */
export function namesOf(events: readonly StreamEvent[]): string[] {
  return events.map(({ name }) => (name ?? "").replace(/^response\./, "")).filter((name, index, names) => name !== names[index - 1]);
}
