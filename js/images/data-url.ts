import { own } from "../core/own.js";
import { ENDS } from "./held.js";

/**
 * Decodes a trimmed `data:` URL as the [Fetch standard](https://fetch.spec.whatwg.org/#data-urls) does. Throws if it is invalid. `fetch`
 * itself would need `data:` in the content security policy.
 */
export function decodeDataUrl(url: string): Blob {
  const comma = url.indexOf(",");
  if (comma < 0) throw new Error("The URL has no comma.");
  const type = url.slice("data:".length, comma).replace(ENDS, "");
  const [encoded = ""] = url.slice(comma + 1).split("#", 1);
  const base64 = /; *base64$/i.exec(type);
  const body = percentDecode(encoded);
  // Only ASCII is valid base64, so the encoding of other bytes does not matter.
  const bytes = base64 ? base64Bytes(typeof body === "string" ? body : new TextDecoder("latin1").decode(body)) : bytesOf(body);
  return new Blob([bytes], own({ type: mediaType(base64 ? type.slice(0, base64.index) : type) }));
}

function mediaType(type: string): string {
  const full = type.startsWith(";") ? `text/plain${type}` : type;
  return /^[^\s/;]+\/[^\s/;]+(;|$)/.test(full) ? full : "text/plain;charset=US-ASCII";
}

/** Percent-decodes to bytes. Returns the string if it has nothing to decode. */
function percentDecode(text: string): string | Uint8Array<ArrayBuffer> {
  if (!text.includes("%")) return text;
  const source = bytesOf(text);
  const bytes = new Uint8Array(source.length);
  let length = 0;
  for (let index = 0; index < source.length; index += 1, length += 1) {
    const hex = source[index] === 0x25 ? String.fromCharCode(source[index + 1] ?? 0, source[index + 2] ?? 0) : "";
    const isEscape = /^[0-9a-f]{2}$/i.test(hex);
    bytes[length] = isEscape ? Number.parseInt(hex, 16) : (source[index] ?? 0);
    if (isEscape) index += 2;
  }
  return bytes.slice(0, length);
}

function bytesOf(body: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return typeof body === "string" ? new TextEncoder().encode(body) : body;
}

function base64Bytes(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
