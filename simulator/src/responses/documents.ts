/** The JSON of responses and of what they hold. The order of the keys is Azure's. */

import { EmbeddedPicture, type JsonObject } from "../scenario/alterations.js";
import type { Picture } from "../pictures/picture.js";
import { usageOf } from "../service/usage.js";
import type { Sentence } from "../tools/sentence.js";
import type { Plan } from "./plan.js";
import { toolDocument } from "./tools.js";

/** What changes in a response while it is worked on. */
export interface Progress {
  readonly status: "queued" | "in_progress" | "completed" | "failed" | "incomplete" | "cancelled";
  readonly output?: readonly JsonObject[];
  readonly error?: JsonObject;
  readonly incompleteReason?: string;
  /** Whether the tokens are known. */
  readonly charged?: boolean;
}

/** About four characters make a token. */
const tokensOf = (text: string) => Math.ceil(text.length / 4);

/** What the definition of the tool, and each call of it, take: of the size that dumps show, no more. */
const TOKENS_PER_TOOL = 2200;
const TOKENS_PER_CALL = 50;

/** A part of a message: a text, or a refusal. */
export function partDocument({ text, annotations }: Sentence, refusal: boolean): JsonObject {
  return refusal ? { type: "refusal", refusal: text } : { type: "output_text", text, annotations, logprobs: [] };
}

/** How an item shows which agent made it, in the words of the dialect. */
export function origin({ agent, dialect, id }: Plan): JsonObject {
  if (agent === undefined) return {};
  const { name, version } = agent;
  if (dialect === "project-dated") return { created_by: { agent: { type: "agent_id", name, version }, response_id: id } };
  return { agent_reference: { type: "agent_reference", name, version }, response_id: id };
}

/** A message; one that goes on has no content yet. */
export function messageItem(plan: Plan, id: string, content: JsonObject | undefined): JsonObject {
  return {
    id,
    type: "message",
    status: content === undefined ? "in_progress" : "completed",
    role: "assistant",
    content: content === undefined ? [] : [content],
    ...origin(plan),
  };
}

/** How a picture was made, as its call and its previews tell it. */
export function look({ calls }: Plan): JsonObject {
  if (calls === undefined) return {};
  const { background, outputFormat, quality, width, height } = calls.request;
  return { background, output_format: outputFormat, quality, size: `${width}x${height}` };
}

/** A call of the tool that goes on. */
export function openCallItem(plan: Plan, id: string): JsonObject {
  return { id, type: "image_generation_call", status: "in_progress", result: null, ...origin(plan) };
}

/** A call of the tool with its picture. */
export function callItem(plan: Plan, id: string, picture: Picture): JsonObject {
  const { size, ...others } = look(plan);
  return {
    id,
    type: "image_generation_call",
    status: "completed",
    action: plan.calls?.request.operation === "edit" ? "edit" : "generate",
    ...others,
    result: new EmbeddedPicture(picture),
    revised_prompt: `${plan.depicted}, in soft light and rich detail.`,
    size,
    ...origin(plan),
  };
}

/** A call of the tool whose picture was blocked. */
export function failedCallItem(plan: Plan, id: string): JsonObject {
  return {
    id,
    type: "image_generation_call",
    status: "failed",
    result: null,
    error: {
      code: "moderation_blocked",
      message: "Your request was rejected by the safety system.",
      param: null,
      type: "image_generation_user_error",
      moderation_details: { moderation_stage: "output", categories: ["violence"] },
    },
    ...origin(plan),
  };
}

function usage({ prompt, request, tools, calls }: Plan, output: readonly JsonObject[]): JsonObject {
  const instructions = String(request.body["instructions"] ?? "");
  const inputTokens = tokensOf(prompt) + tokensOf(instructions) + (tools.length > 0 ? TOKENS_PER_TOOL : 0) + 10;
  const outputTokens = output.length * 10 + (calls === undefined ? 0 : calls.count * TOKENS_PER_CALL);
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}

/** What the calls of the tool cost, which `usage` leaves out. */
function toolUsage({ calls, toolCalls }: Plan): JsonObject {
  if (calls === undefined) return {};
  const { request, model, count } = calls;
  const previews = request.stream ? request.partialImages * count : 0;
  const imageUsage = usageOf({ ...request, model: model.name, pictures: count, previews });
  const details = { image_tokens: imageUsage.output_tokens, text_tokens: 0 };
  const searches = toolCalls.steps.filter(({ item }) => item["type"] === "web_search_call").length;
  return { tool_usage: { image_gen: { ...imageUsage, output_tokens_details: details }, web_search: { num_requests: searches } } };
}

function agentKey({ dialect, agent }: Plan): JsonObject {
  if (dialect === "resource") return {};
  const reference = (type: string) => (agent === undefined ? null : { type, name: agent.name, version: agent.version });
  return dialect === "project-v1" ? { agent_reference: reference("agent_reference") } : { agent: reference("agent_id") };
}

/** A response. */
export function responseDocument(plan: Plan, progress: Progress): JsonObject {
  const { request, tools, agent } = plan;
  const { status, output = [], error = null, incompleteReason, charged = false } = progress;
  const settings: JsonObject = { ...agent?.definition, ...request.body };
  return {
    id: plan.id,
    object: "response",
    created_at: plan.createdAt,
    status,
    background: request.background,
    error,
    incomplete_details: incompleteReason === undefined ? null : { reason: incompleteReason },
    instructions: settings["instructions"] ?? null,
    max_output_tokens: settings["max_output_tokens"] ?? null,
    max_tool_calls: settings["max_tool_calls"] ?? null,
    model: plan.deployment,
    output,
    parallel_tool_calls: settings["parallel_tool_calls"] ?? true,
    previous_response_id: request.previousResponseId ?? null,
    prompt: null,
    reasoning: settings["reasoning"] ?? { effort: null, summary: null },
    store: request.store,
    temperature: settings["temperature"] ?? 1,
    text: settings["text"] ?? { format: { type: "text" } },
    tool_choice: settings["tool_choice"] ?? "auto",
    tools: tools.map(toolDocument),
    top_logprobs: 0,
    top_p: settings["top_p"] ?? 1,
    truncation: settings["truncation"] ?? "disabled",
    usage: charged ? usage(plan, output) : null,
    ...(charged ? toolUsage(plan) : {}),
    user: settings["user"] ?? null,
    metadata: request.metadata,
    ...agentKey(plan),
    ...(request.conversationId === undefined ? {} : { conversation: { id: request.conversationId } }),
  };
}
