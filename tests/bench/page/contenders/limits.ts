import { COPY, DRAIN } from "../../names.js";
import { ALL_SHAPES, blobOf, type Contender } from "../contender.js";

/** Reads the body and does nothing with it. */
export const drain: Contender = {
  name: DRAIN,
  shapes: ALL_SHAPES,
  async run({ answer }) {
    const reader = answer().body?.getReader();
    while (!(await reader?.read())?.done);
    return [];
  },
};

/** Looks for nothing and checks nothing: knows where the base64 is, copies it together, and has the browser decode it in the end. */
export const copy: Contender = {
  name: COPY,
  shapes: ALL_SHAPES,
  async run({ answer, body }) {
    const bytes = new Uint8Array(body.bytes.length);
    const reader = answer().body?.getReader();
    let length = 0;
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
      bytes.set(read.value, length);
      length += read.value.length;
    }
    const decoder = new TextDecoder();
    return body.base64.map(({ start, end }) => blobOf(Uint8Array.fromBase64(decoder.decode(bytes.subarray(start, end)))));
  },
};
