// The calls of the page for those who do without the library: what goes over the wire, in Azure's own names.

import type { EndpointDescription } from "azure-image-client";
import { text } from "../connection/profiles.js";
import type { Wish } from "../make/request.js";
import type { Ask } from "../talk/ask.js";

/** A request as Azure takes it. */
export interface PlainRequest {
  readonly kind: "image" | "response";
  readonly url: URL;
  /** Besides the credential and the type of the body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** What goes along as files: then the body is the other parts of a form. */
  readonly files?: { readonly images: number; readonly mask: boolean };
  /** How often it is sent: for each picture once. */
  readonly times: number;
  /** As the form names it: `key`, `none`, or a token. */
  readonly credential: string;
}

/** The request of a picture. */
export function imageRequest({ generationsUrl }: EndpointDescription, fields: FormData, wish: Wish): PlainRequest {
  const { request, sources, count, streamed } = wish;
  const { outputFormat, outputCompression, partialImages, ...same } = request;
  const url = new URL(generationsUrl);
  if (sources) url.pathname = url.pathname.replace(/generations$/, "edits");
  return {
    kind: "image",
    url,
    headers: {},
    body: {
      model: text(fields, "deployment"),
      ...same,
      ...(outputFormat && { output_format: outputFormat, output_compression: outputCompression }),
      ...(streamed ? { stream: true, partial_images: partialImages } : { response_format: "b64_json" }),
    },
    times: count,
    ...(sources && { files: { images: sources.image.length, mask: sources.mask !== undefined } }),
    credential: text(fields, "credential"),
  };
}

/** The request of a turn of a conversation. */
export function responseRequest({ responsesUrl }: EndpointDescription, fields: FormData, { request, isJob }: Ask): PlainRequest {
  const { agent, model, input, tool, previousResponseId } = request;
  const deployment = text(fields, "deployment");
  return {
    kind: "response",
    url: new URL(responsesUrl),
    // Which deployment draws; the model of the body only writes.
    headers: { "x-ms-oai-image-generation-deployment": deployment },
    body: {
      input,
      ...(agent ? { agent_reference: { type: "agent_reference", name: agent } } : { model }),
      ...(tool && { tools: [{ type: "image_generation", model: deployment, partial_images: tool.partialImages }] }),
      ...(previousResponseId && { previous_response_id: previousResponseId }),
      ...(isJob && { background: true }),
      stream: true,
    },
    times: 1,
    credential: text(fields, "credential"),
  };
}
