// The routes of responses. They last as long as the page.

import { hear } from "./dialogue.js";
import { draw, render, rough } from "./drawing.js";
import { eventStream } from "./event-stream.js";
import { newId } from "./id.js";
import { plan } from "./model.js";
import { LATENCY_IN_MS, pause } from "./pause.js";
import { notFound, refuse } from "./refusal.js";
import { ResponseLog } from "./response-log.js";
import type { ToolDefinition } from "./tools.js";

const responses = new Map<string, ResponseLog>();

/** A request as the page sends it. */
interface Body {
  readonly model?: string;
  readonly input?: unknown;
  readonly tools?: readonly ToolDefinition[];
  readonly previous_response_id?: string;
  readonly background?: boolean;
  readonly stream?: boolean;
}

/** Creates a response. */
export async function createResponse(request: Request): Promise<Response> {
  const body = (await request.json()) as Body;
  const { model, input, tools = [], previous_response_id: previousId } = body;
  if (model === undefined) return refuse(400, "invalid_request", "This page has no agents. Start npx azure-image-simulator for them.");
  const previous = previousId === undefined ? undefined : responses.get(previousId);
  if (previousId !== undefined && !previous) return notFound(`Previous response with id '${previousId}' not found.`);
  let heard;
  try {
    heard = hear(previous?.dialogue, input);
  } catch (error) {
    return refuse(400, "invalid_request", String(error instanceof Error ? error.message : error));
  }
  const log = new ResponseLog(model);
  responses.set(log.id, log);
  // Only a background response outlives its connection.
  if (!body.background) request.signal.addEventListener("abort", () => log.end("cancelled"));
  // A cancelled response ends with an abort.
  const work = write(log, plan(heard, tools)).catch(() => log.end("cancelled"));
  if (body.stream) return eventStream(log.follow());
  await work;
  return Response.json(log.document);
}

/** Returns a response, or streams its events. */
export function retrieveResponse(request: Request, id = ""): Response {
  const log = responses.get(id);
  if (!log) return notFound(`Response with id '${id}' not found. Responses of this page end with it.`);
  const { searchParams } = new URL(request.url);
  if (searchParams.get("stream") !== "true") return Response.json(log.document);
  return eventStream(log.follow(Number(searchParams.get("starting_after") ?? -1)));
}

/** Cancels a response. */
export function cancelResponse(_request: Request, id = ""): Response {
  const log = responses.get(id);
  if (!log) return notFound(`Response with id '${id}' not found. Responses of this page end with it.`);
  log.end("cancelled");
  return Response.json(log.document);
}

async function write(log: ResponseLog, { played, dialogue, image, message }: ReturnType<typeof plan>): Promise<void> {
  for (const { item } of played) log.addItem(item);
  const picture = image ? await addImage(log, image, dialogue.prompt, [...dialogue.reports.values()], dialogue.picture) : dialogue.picture;
  if (message) addMessage(log, message);
  log.dialogue = { ...dialogue, picture };
  log.end("completed");
}

/** Draws an image, or edits the last one, with partial images. Returns it. */
async function addImage(log: ResponseLog, tool: ToolDefinition, prompt: string, reports: readonly string[], last: Blob | undefined): Promise<Blob> {
  const id = newId("ig");
  const place = { output_index: log.output.length, item_id: id };
  const call = { id, type: "image_generation_call", status: "in_progress", result: null };
  log.add("response.output_item.added", { output_index: place.output_index, item: call });
  log.add("response.image_generation_call.generating", place);
  const image = /\bedit\b/i.test(prompt) ? last : undefined;
  const drawn = await draw({ prompt: [prompt, ...reports].join(" "), width: 1024, height: 1024, image });
  const partialImages = Number(tool["partial_images"] ?? 0);
  for (let index = 0; index < partialImages; index += 1) {
    await pause(LATENCY_IN_MS / (partialImages + 1), log.signal);
    const partial = { partial_image_index: index, partial_image_b64: await render(rough(drawn, 8 * 2 ** index)) };
    log.add("response.image_generation_call.partial_image", { ...place, ...partial });
  }
  await pause(LATENCY_IN_MS / (partialImages + 1), log.signal);
  const item = { ...call, status: "completed", result: await render(drawn), revised_prompt: prompt };
  log.output.push(item);
  log.add("response.output_item.done", { output_index: place.output_index, item });
  return drawn.canvas.convertToBlob();
}

function addMessage(log: ResponseLog, { text, annotations }: { text: string; annotations: readonly object[] }): void {
  const id = newId("msg");
  const place = { item_id: id, output_index: log.output.length, content_index: 0 };
  for (const delta of text.match(/\S+\s*/g) ?? []) log.add("response.output_text.delta", { ...place, delta });
  for (const [index, annotation] of annotations.entries()) {
    log.add("response.output_text.annotation.added", { ...place, annotation_index: index, annotation });
  }
  log.addItem({ id, type: "message", status: "completed", role: "assistant", content: [{ type: "output_text", text, annotations }] });
}
