/** The scenarios that alter what an answer says, or how its JSON and its base64 are written. */

import type { Segment } from "../http/answer.js";
import type { Picture } from "../pictures/picture.js";
import type { Scenario } from "./grammar.js";
import { SegmentString, type JsonStyle } from "../http/json.js";

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What an answer cannot do without. */
const ESSENTIAL = new Set([
  // Of images.
  ...["created", "data", "type", "partial_image_index", "b64_json", "url"],
  // Of responses.
  ...["id", "status", "output", "result", "role", "content", "text", "refusal", "error", "code", "message"],
  ...["sequence_number", "response", "output_index", "item", "item_id", "content_index", "part", "delta", "partial_image_b64"],
  // Of calls of other tools.
  ...["call_id", "name", "arguments", "input", "server_label", "tools", "input_schema", "container_id", "code", "outputs", "queries", "action"],
  ...["actions", "pending_safety_checks", "annotations", "annotation", "annotation_index"],
]);

function essential(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(essential);
  if (typeof value !== "object" || value === null || value instanceof SegmentString) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => ESSENTIAL.has(key))
      .map(([key, item]) => [key, essential(item)]),
  );
}

const decoyBefore = {
  trace: {
    b64_json: "bm90IGEgcGljdHVyZQ==",
    result: "bm90IGEgcGljdHVyZQ==",
    partial_image_b64: "bm90IGEgcGljdHVyZQ==",
    steps: [{ data: [{ b64_json: "AAAA" }] }],
    note: 'a \\ and then "b64_json":"/9j/4AAQSkZJRg==" in a text\n\ndata: {"type":"image_generation.completed"}',
  },
};
const decoyAfter = { b64_json_preview: "AAAA", "b64\\_json": null, extra: [[], {}, -1.5e-3, true] };

function withDecoys(object: JsonObject): JsonObject {
  const data = object["data"];
  const inner = Array.isArray(data) ? { data: data.map((item: JsonObject) => withDecoys(item)) } : {};
  return { ...decoyBefore, ...object, ...inner, ...decoyAfter };
}

/** A picture in a value that is not yet written: whoever sends it decides how. */
export class EmbeddedPicture {
  readonly picture: Picture;

  constructor(picture: Picture) {
    this.picture = picture;
  }
}

/** Replaces the pictures in a value. */
export function replacePictures(value: unknown, replace: (picture: Picture) => unknown): unknown {
  if (value instanceof EmbeddedPicture) return replace(value.picture);
  if (Array.isArray(value)) return value.map((item) => replacePictures(item, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replacePictures(item, replace)]));
}

/** The document or event as the scenario wants it. */
export function alter(object: JsonObject, scenario: Scenario): JsonObject {
  const kept = scenario.minimal ? (essential(object) as JsonObject) : object;
  return scenario.decoy ? withDecoys(kept) : kept;
}

/** How the JSON of an answer is written; `space` is the white space that is allowed there. */
export function jsonStyle(scenario: Scenario, space: string, { final }: { readonly final: boolean }): JsonStyle {
  return {
    reversed: scenario.shuffled ?? false,
    space: scenario.shuffled ? space : "",
    malformed: final && (scenario["malformed-json"] ?? false),
  };
}

/**
 * The base64 of a picture as the scenario wants it.
 *
 * `sent` is called when the picture has been sent; not for one that arrives damaged.
 */
export function base64Segment(bytes: Uint8Array, scenario: Scenario, final: boolean, sent: () => void): Segment {
  const base64 = () => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  if (final && scenario["malformed-base64"]) {
    const text = base64();
    const middle = Math.floor(text.length / 2);
    return { bytes: Buffer.from(`${text.slice(0, middle)}!*~?${text.slice(middle + 4)}`) };
  }
  if (final && scenario["half-quad"]) {
    const text = base64();
    return { bytes: Buffer.from(text.slice(0, text.length - 4 - 3)) };
  }
  if (scenario.escaped) {
    const text = base64().replaceAll("/", "\\/").replaceAll("+", "\\u002B");
    return { bytes: Buffer.from(text), sent };
  }
  return { bytes, base64: true, sent };
}
