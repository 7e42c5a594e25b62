import type { AzureImageError, Progress } from "azure-image-client";
import type { PictureCall } from "./picture-call.js";

/** How a call goes, or what has become of it. */
export function describeCall(call: PictureCall): string {
  const took = seconds((call.endedAt.value ?? 0) - call.startedAt.value);
  switch (call.state.value) {
    case "finished":
      return `Finished in ${took}.`;
    case "failed":
      return `No picture after ${took}.`;
    case "cancelled":
      return `Cancelled after ${took}. ${call.error.value?.billed === "no" ? "It costs nothing." : "It may have been billed."}`;
    default:
      return call.progress.value ? describeProgress(call.progress.value, call.request.partialImages) : "Loading…";
  }
}

/** How far a call is, in words that change only when something has happened. */
function describeProgress({ stage, receivedBytes, partialImages: previews, retry }: Progress, previewsAsked: number): string {
  if (stage === "queued") return "Waiting for other requests…";
  if (stage === "authenticating") return "Getting the credential…";
  // The seconds until then tick beside it.
  if (retry)
    return retry.error.code === "rate_limit"
      ? `The deployment is busy. Waiting for try ${retry.retries + 1}…`
      : `That failed. Waiting for try ${retry.retries + 1}…`;
  const next = previewsAsked === 0 ? "the picture" : "the first preview";
  if (previews === 0) return receivedBytes === 0 ? `Waiting for ${next}…` : `Receiving ${next}…`;
  if (previews < previewsAsked) return `${previewName(previews, previewsAsked)}. The next one is being made…`;
  return `${previewName(previews, previewsAsked)}. The picture is being made…`;
}

/** A preview's name; `number` counts from 1. */
export function previewName(number: number, previewsAsked: number): string {
  return `Preview ${number} of ${previewsAsked}`;
}

/** What is known of a failure besides its message: for a person who asks for help. */
export function describeError(error: AzureImageError): string[] {
  return [
    { no: "not billed", yes: "billed", unknown: "may have been billed" }[error.billed],
    error.code,
    ...(error.status === undefined ? [] : [`HTTP ${error.status}`]),
    ...(error.retryAfterInMs === undefined ? [] : [`try again in ${Math.ceil(error.retryAfterInMs / 1000)} s`]),
    ...(error.requestId === undefined ? [] : [`request ${error.requestId}`]),
    ...(error.cause instanceof Error ? [error.cause.message] : []),
  ];
}

/** A time, such as "3.2 s". */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** A number of things, such as "4,179". */
export function count(things: number): string {
  return things.toLocaleString("en");
}

/** A number of bytes, such as "1.4 MB". */
export function fileSize(bytes: number): string {
  if (bytes >= 1_000_000_000) return `${(bytes / 1_000_000_000).toFixed(1)} GB`;
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A file name that tells what is in the picture: the beginning of the prompt, and the ending that fits the bytes. */
export function fileName(prompt: string, mediaType: string): string {
  const words = prompt.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const ending = mediaType.replace("image/", "").replace("jpeg", "jpg");
  return `${words.slice(0, 8).join("-").slice(0, 60) || "picture"}.${ending}`;
}

/** An amount of US dollars, such as "$0.042", or a range of them. */
export function dollars(range: number | { min: number; max: number }): string {
  const { min, max } = typeof range === "number" ? { min: range, max: range } : range;
  const amount = (value: number) => `$${value < 0.1 ? value.toFixed(3) : value.toFixed(2)}`;
  return amount(min) === amount(max) ? amount(min) : `${amount(min)} to ${amount(max)}`;
}
