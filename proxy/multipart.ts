// Reads the text fields of a form while its bytes pass, without holding the files in memory.
//
// Parsers of forms disagree about everything unusual: preambles, folded headers, escaped quotes, bare line feeds. This one accepts only the
// form that browsers and HTTP clients send, and refuses everything else, so that Azure reads the same fields.

import { badRequest, quote } from "./refusal.js";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const BOUNDARY = /^multipart\/form-data; ?boundary=([\w'+./-]{1,70})$/i;
const DISPOSITION = /^content-disposition: form-data; name="([\w.[\]-]{1,64})"(; filename="[^"\r\n]{0,1024}")?$/i;
const TYPE = /^content-type: [\w.+-]+\/[\w.+-]+(; ?charset=[\w-]+)?$/i;
const MAX_HEADER_BYTES = 4096;
const MAX_PARTS = 128;
const CR = 13;
const MINUS = 45;
const LF = 10;

/** Returns the boundary of a form, or `undefined` for another content type. */
export const boundaryOf = (contentType: string): string | undefined => BOUNDARY.exec(contentType)?.[1];

/** Which fields a scanner reads, and how it hears of them. */
export interface FieldReader {
  /** Returns the maximum length of a field's value in bytes, or `undefined` to let the field pass unread. Throws to refuse the form. */
  limit(name: string, isFile: boolean): number | undefined;
  /** Called with the value of each field that `limit` has a maximum for. Throws to refuse the form. */
  read(name: string, value: string): void;
}

type State = "boundary" | "headers" | "content" | "epilogue";

/** Scans a form. `push` and `end` throw when the form is malformed, or when the reader refuses a field. */
export class MultipartScanner {
  readonly #delimiter: Uint8Array;
  readonly #reader: FieldReader;
  #state: State = "content";
  /** The matched bytes of the delimiter. The form begins as if a line break came before it. */
  #matched = 2;
  #parts = 0;
  /** The two bytes after a delimiter, the headers of a part, or the value of a field. */
  #kept: number[] = [];
  #keptLimit: number | undefined;
  #name = "";

  constructor(boundary: string, reader: FieldReader) {
    this.#delimiter = encode(`\r\n--${boundary}`);
    this.#reader = reader;
  }

  /** True after the closing delimiter: all fields are known. */
  get isComplete(): boolean {
    return this.#state === "epilogue";
  }

  /** Scans the next bytes. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === "content") at = this.#content(chunk, at);
      else this.#byte(chunk[at++] as number);
    }
  }

  /** Checks that the form is complete. */
  end(): void {
    if (!this.isComplete) throw badRequest("The form ends before its closing boundary.");
  }

  /** Scans content up to the next delimiter, or to the end of the chunk. Returns the index of the next byte. */
  #content(chunk: Uint8Array, start: number): number {
    const delimiter = this.#delimiter;
    let at = start;
    while (at < chunk.length) {
      if (this.#matched === 0) {
        const next = chunk.indexOf(CR, at);
        const end = next < 0 ? chunk.length : next;
        this.#keep(chunk, at, end);
        if (next < 0) return end;
        at = end;
      }
      const byte = chunk[at] as number;
      if (byte === delimiter[this.#matched]) {
        at++;
        if (++this.#matched === delimiter.length) {
          this.#endPart();
          return at;
        }
      } else {
        if (this.#parts === 0) throw badRequest("The form does not begin with its boundary.");
        this.#keep(delimiter, 0, this.#matched);
        this.#matched = 0;
      }
    }
    return at;
  }

  #keep(from: Uint8Array, start: number, end: number): void {
    if (this.#keptLimit === undefined) return;
    if (this.#kept.length + end - start > this.#keptLimit) throw badRequest(`The field ${quote(this.#name)} is too long.`, this.#name);
    for (let at = start; at < end; at++) this.#kept.push(from[at] as number);
  }

  #endPart(): void {
    if (this.#keptLimit !== undefined) this.#reader.read(this.#name, this.#take());
    this.#matched = 0;
    this.#keptLimit = undefined;
    this.#state = "boundary";
  }

  #take(): string {
    const bytes = Uint8Array.from(this.#kept);
    this.#kept = [];
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw badRequest("The form contains text that is not UTF-8.");
    }
  }

  #byte(byte: number): void {
    const kept = this.#kept;
    kept.push(byte);
    if (this.#state === "epilogue") {
      // The line break at the end is optional.
      if (kept.length > 2 || byte !== [CR, LF][kept.length - 1]) throw badRequest("The form continues after its closing boundary.");
    } else if (this.#state === "boundary") {
      if (kept.length < 2) return;
      const [first, second] = kept;
      this.#kept = [];
      if (first === MINUS && second === MINUS) this.#state = "epilogue";
      else if (first === CR && second === LF) this.#state = "headers";
      else throw badRequest("The form has a malformed boundary.");
    } else {
      if (kept.length > MAX_HEADER_BYTES) throw badRequest("A part of the form has headers that are too long.");
      if (byte === LF && kept.at(-2) === CR && kept.at(-3) === LF && kept.at(-4) === CR) this.#beginPart(this.#take());
    }
  }

  #beginPart(headers: string): void {
    if (++this.#parts > MAX_PARTS) throw badRequest(`The form has more than ${MAX_PARTS} parts.`);
    const [disposition = "", type, ...others] = headers.slice(0, -4).split("\r\n");
    const [, name, fileName] = DISPOSITION.exec(disposition) ?? [];
    if (name === undefined || (type !== undefined && !TYPE.test(type)) || others.length > 0) {
      throw badRequest("A part of the form has headers that are not those of a browser's form.");
    }
    this.#name = name;
    this.#keptLimit = this.#reader.limit(name, fileName !== undefined);
    if (this.#keptLimit !== undefined && type !== undefined) throw badRequest(`The field ${quote(name)} must have no content type.`, name);
    this.#state = "content";
  }
}
