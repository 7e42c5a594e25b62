// An app as far as a compiler sees it.

import {
  AzureImageClient,
  AzureImageError,
  type AzureImageErrorCode,
  type AzureImageErrorFields,
  type ClientOptions,
  type GeneratedImage,
  type GenerateRequest,
  type ImageStreamEvent,
  init,
  type Progress,
  type ResponseEvent,
} from "azure-image-client";

const client = new AzureImageClient("https://x.openai.azure.com", async () => "token", { deployment: "d" });

/** Fails to compile where a case was left out. */
function never(nothing: never): never {
  throw new Error(String(nothing));
}

// What Azure may extend is open, and still completed by an editor; what this library decides is closed.
export const request: GenerateRequest = { prompt: "a", size: "3840x2160", quality: "xhigh", outputFormat: "avif", background: "frosted" };
// @ts-expect-error: not one of the three.
export const options: ClientOptions = { validation: "loud" };
// @ts-expect-error: a wrong name.
export const misspelt: GenerateRequest = { prompt: "a", partialImages: 2 };
// @ts-expect-error: a prompt is needed.
export const empty: GenerateRequest = {};
// @ts-expect-error: text is no number.
export const wrong: GenerateRequest = { prompt: "a", n: "2" };

// Events are told apart by `type`.
export function label(event: ImageStreamEvent): string {
  switch (event.type) {
    case "partialImage":
      // @ts-expect-error: a preview has no bill.
      event.usage;
      return `${event.index} of ${event.imageIndex}`;
    case "image":
      // @ts-expect-error: a picture is not numbered among the previews.
      event.index;
      return `${event.usage?.totalTokens} ${event.requestId}`;
    default:
      return never(event);
  }
}

export function words(event: ResponseEvent): string {
  switch (event.type) {
    case "textDelta":
    case "refusalDelta":
      return event.delta;
    case "status":
    case "callStatus":
      return event.status;
    case "partialImage":
      return `${event.index} ${event.itemId} ${event.image.objectUrl}`;
    case "image":
      return event.image.revisedPrompt ?? "";
    case "callFailed":
      return event.error.message;
    case "toolCallDelta":
      return `${event.name ?? "a tool"} ${event.delta}`;
    case "toolCall":
      // @ts-expect-error: the model can write other arguments.
      event.call.parsedArguments.city;
      return `${event.call.name} ${event.call.callId}`;
    case "approvalRequest":
      return `${event.request.serverLabel} ${event.request.name}`;
    case "citation":
      return event.citation.fileName ?? event.citation.url ?? "";
    case "completed":
      return event.response.text;
    default:
      return never(event);
  }
}

// Errors are told apart by `code`.
export function advice(error: unknown): string {
  if (!(error instanceof AzureImageError)) throw error;
  switch (error.code) {
    case "rate_limit":
      return `Wait ${error.retryAfterInMs ?? 0} ms.`;
    case "content_filter":
      return error.contentFilter?.categories.map(({ name, severity }) => `${name}: ${severity}`).join() ?? "";
    case "invalid_request":
    case "authentication":
    case "permission":
    case "not_found":
    case "deployment_not_found":
    case "timeout":
    case "connection":
    case "stream_truncated":
    case "stream_malformed":
    case "too_large":
    case "no_image":
    case "service":
    case "cancelled":
    case "internal":
      return error.message;
    default:
      return never(error.code);
  }
}

// Errors can be made, for tests and stand-ins.
const code: AzureImageErrorCode = "timeout";
const fields: AzureImageErrorFields = { code, message: "It took too long.", billed: "unknown", retryable: true };
export const error: Error = new AzureImageError(fields);

export async function use(image: HTMLImageElement, file: File, canvas: HTMLCanvasElement, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  await init(new URL("https://example.com/azure.wasm"));
  const stream = client.generateStream({ ...request, partialImages: 2 }, { abortSignal: signal, keepPartialImages: true });
  for await (const event of stream) image.title = label(event);
  const { images, usage, warnings } = await stream.result();
  image.alt = `${usage?.cost} ${warnings?.[0]?.suggestion}`;
  const edited = await client.edit({ prompt: "b", image: [file, canvas, ...images], mask: "data:,", inputFidelity: "high" }, { onProgress: told });
  const job = await client.responses.start({ model: "gpt-4.1", input: [{ image: file }, "a boat"], tool: { action: "edit" } });
  for await (const event of job) image.title = words(event);
  for await (const agent of client.agents.list({ kind: "prompt" })) image.title = agent.versions.latest.version;
  const [first] = edited.images;
  if (!first) throw new Error("none");
  image.src = first.objectUrl;
  first.dispose();
  return first.bytes();
}

function told({ stage, retry }: Progress): void {
  if (stage === "retrying") console.log(retry?.error.code satisfies AzureImageErrorCode | undefined);
}

/** Whoever may use `using` can use it; who may not has `dispose`. */
export const disposable: { [Symbol.dispose](): void } = {} as GeneratedImage;

// The credentials of `@azure/identity`, and the accounts of MSAL, fit as they are.
export const clients = [
  new AzureImageClient("/proxy", null),
  new AzureImageClient("https://x.openai.azure.com", { key: "k" }),
  new AzureImageClient("https://x.openai.azure.com", { getToken: async () => ({ token: "t", expiresOnTimestamp: 0 }) }),
  new AzureImageClient("https://x.openai.azure.com", async () => ({ accessToken: "t", expiresOn: new Date() })),
];
