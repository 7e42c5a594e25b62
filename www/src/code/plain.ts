// The calls of the page for those who do without the library: the requests as they are sent, in Azure's own names.

import type { EndpointDescription, ImageService } from "azure-image-client";
import { text } from "../connection/profiles.js";
import type { Wish } from "../make/request.js";
import type { Ask } from "../talk/ask.js";
import { runFunction } from "../talk/tools.js";
import { wireTools } from "./response-tools.js";

/** A request as Azure takes it. */
export interface PlainRequest {
  readonly kind: "image" | "response";
  readonly service: ImageService;
  readonly url: URL;
  /** Besides the credential and the type of the body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
  /** The input files. The body of FLUX contains them; otherwise they are parts of a form, and the body is the other parts. */
  readonly files?: { readonly images: number; readonly mask: boolean };
  /** The functions in its tools, with their present outputs. */
  readonly functions?: Readonly<Record<string, unknown>>;
  /** The number of times it is sent: once for each image. */
  readonly times: number;
  /** As the form names it: `key`, `none`, or a token. */
  readonly credential: string;
}

type Body = Readonly<Record<string, unknown>>;

/** Returns the request of an image. */
export function imageRequest(endpoint: EndpointDescription, fields: FormData, wish: Wish): PlainRequest {
  const { sources, count, model } = wish;
  const { service } = model;
  const deployment = text(fields, "deployment");
  return {
    kind: "image",
    service,
    url: urlOf(endpoint, wish, /[?&]api-version=/.test(text(fields, "endpoint"))),
    headers: {},
    body: { model: deployment, ...{ openai: openaiBody, mai: maiBody, flux: fluxBody }[service](wish) },
    times: count,
    ...(sources && { files: { images: sources.image.length, mask: sources.mask !== undefined } }),
    credential: text(fields, "credential"),
  };
}

/** Returns the URL. `hasVersion`: the endpoint contains an api-version. A date belongs to the routes of Azure OpenAI alone. */
function urlOf({ generationsUrl, apiVersion = "" }: EndpointDescription, { sources, model }: Wish, hasVersion: boolean): URL {
  const url = new URL(generationsUrl);
  const operation = sources ? "edits" : "generations";
  const { service, path = "{model}" } = model;
  const route = { openai: `$1/images/${operation}`, mai: `/mai/v1/images/${operation}`, flux: `/providers/blackforestlabs/v1/${path}` }[service];
  url.pathname = url.pathname.replace(/((?:\/openai)?\/(?:v1|deployments\/[^/]+))\/images\/generations$/, route);
  if (service === "openai") return url;
  const version = hasVersion && !/^\d/.test(apiVersion) && apiVersion;
  url.search = version || service === "flux" ? `?api-version=${version || "preview"}` : "";
  return url;
}

function openaiBody({ request, streamed }: Wish): Body {
  const { outputFormat, outputCompression, partialImages, ...same } = request;
  return {
    ...same,
    ...(outputFormat && { output_format: outputFormat, output_compression: outputCompression }),
    ...(streamed ? { stream: true, partial_images: partialImages } : { response_format: "b64_json" }),
  };
}

function maiBody(wish: Wish): Body {
  const { prompt, size, background } = wish.request;
  return { prompt, ...pixels(size), ...(background && { background }), ...serviceOptions(wish) };
}

function fluxBody(wish: Wish): Body {
  const { prompt, size, outputFormat = "png" } = wish.request;
  return { prompt, n: 1, ...pixels(size), output_format: outputFormat, ...serviceOptions(wish) };
}

/** MAI and FLUX take the sides of an image as numbers. */
function pixels(size = ""): Body {
  const [width, height] = size.split("x").map(Number);
  return width && height ? { width, height } : {};
}

/** The options that only the service has, by the names that it gives them: `safety_tolerance` for `safetyTolerance`. */
function serviceOptions({ request, model }: Wish): Body {
  const names = Object.keys(model.options) as (keyof typeof model.options)[];
  const given = names.filter((name) => request[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), request[name]]));
}

/** Returns the request of a turn of a conversation. */
export function responseRequest({ responsesUrl }: EndpointDescription, fields: FormData, { request, isJob }: Ask): PlainRequest {
  const { agent, model, input, tool, tools, previousResponseId } = request;
  const hasCode = tools?.some(({ type }) => type === "code_interpreter");
  const functions = tools?.flatMap((tool) => (tool.type === "function" && "name" in tool ? [String(tool.name)] : [])) ?? [];
  const deployment = text(fields, "deployment");
  return {
    kind: "response",
    service: "openai",
    url: new URL(responsesUrl),
    // The deployment that generates the images. The model in the body only writes.
    headers: { "x-ms-oai-image-generation-deployment": deployment },
    body: {
      input,
      ...(agent ? { agent_reference: { type: "agent_reference", name: agent } } : { model }),
      ...(tool && { tools: [{ type: "image_generation", partial_images: tool.partialImages }, ...wireTools(tools)] }),
      // The logs are left out otherwise.
      ...(hasCode && { include: ["code_interpreter_call.outputs"] }),
      ...(previousResponseId && { previous_response_id: previousResponseId }),
      ...(isJob && { background: true }),
      stream: true,
    },
    ...(functions.length > 0 && { functions: Object.fromEntries(functions.map((name) => [name, runFunction(name)])) }),
    times: 1,
    credential: text(fields, "credential"),
  };
}
