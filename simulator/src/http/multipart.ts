/**
 * Takes a `multipart/form-data` body apart: https://www.rfc-editor.org/rfc/rfc7578
 *
 * Node's own `Response.formData()` copies every file twice and hides whether a part says its type. Here a
 * part is a view of the body.
 */

/** A part of a form. */
export interface FormPart {
  readonly name: string;
  /** The file name; `undefined` for a part that is a text field. */
  readonly filename: string | undefined;
  /** The media type as the part gives it; `undefined` if it gives none. */
  readonly contentType: string | undefined;
  readonly bytes: Buffer;
}

/** A body that is no form. */
export class FormError extends Error {
  override readonly name = "FormError";
}

/** The longest boundary that RFC 2046 allows, in characters. */
const LONGEST_BOUNDARY = 70;

/** Each part takes some hundred bytes of memory, however small it is on the wire. */
const MOST_PARTS = 200_000;

/** Reads the boundary from a `content-type`; `undefined` if that is not `multipart/form-data`. */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^\s*multipart\/form-data\s*(;|$)/i.test(contentType)) return undefined;
  const match = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  return match?.[1] ?? match?.[2] ?? "";
}

/** A parameter of a header, such as the `name` of a `content-disposition`. */
function parameter(header: string, name: string): string | undefined {
  const extended = new RegExp(`;\\s*${name}\\*=utf-8'[^']*'([^\\s;]*)`, "i").exec(header)?.[1];
  if (extended !== undefined) {
    try {
      return decodeURIComponent(extended);
    } catch {
      throw new FormError(`The ${name} is not well encoded.`);
    }
  }
  const match = new RegExp(`;\\s*${name}=(?:"((?:\\\\.|[^"\\\\])*)"|([^\\s;]+))`, "i").exec(header);
  // Browsers write a quotation mark or a line end as an escape of URLs, other clients put a backslash before it.
  return (match?.[1] ?? match?.[2])
    ?.replace(/%22/g, '"')
    .replace(/%0D/gi, "\r")
    .replace(/%0A/gi, "\n")
    .replace(/\\(["\\])/g, "$1");
}

function readPart(content: Buffer): FormPart {
  const end = content.indexOf("\r\n\r\n");
  if (end < 0) throw new FormError("A part has no end of its headers.");
  const headers = new Map<string, string>();
  for (const line of content.toString("utf8", 0, end).split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon < 0) throw new FormError("A line of the headers has no colon.");
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get("content-disposition") ?? "";
  const name = parameter(disposition, "name");
  if (!/^form-data\s*;/i.test(disposition) || name === undefined) throw new FormError("A part has no name.");
  return {
    name,
    filename: parameter(disposition, "filename"),
    contentType: headers.get("content-type"),
    bytes: content.subarray(end + 4),
  };
}

/** Where a delimiter begins, and where the line that it is on ends. */
interface Delimiter {
  readonly start: number;
  readonly end: number;
  readonly last: boolean;
}

/** Finds the next delimiter; text that only begins like one belongs to a part. */
function findDelimiter(body: Buffer, marker: Buffer, from: number): Delimiter {
  // The first delimiter may be the first line, which no line end precedes.
  const firstLine = marker.subarray(2);
  let start = from === 0 && body.subarray(0, firstLine.length).equals(firstLine) ? -2 : body.indexOf(marker, from);
  while (start !== -1) {
    const after = start + marker.length;
    const tail = /^(?:(--)|[ \t]*\r\n)/.exec(body.toString("latin1", after, after + 80));
    if (tail !== null) return { start, end: after + tail[0].length, last: tail[1] !== undefined };
    start = body.indexOf(marker, after);
  }
  throw new FormError("The form has no end.");
}

/** Takes a form apart, or throws a `FormError`. */
export function readMultipart(body: Buffer, boundary: string): FormPart[] {
  if (boundary === "") throw new FormError("The form has no boundary.");
  if (boundary.length > LONGEST_BOUNDARY) throw new FormError(`The boundary has more than ${LONGEST_BOUNDARY} characters.`);
  const marker = Buffer.from(`\r\n--${boundary}`);
  const parts: FormPart[] = [];
  let delimiter = findDelimiter(body, marker, 0);
  while (!delimiter.last) {
    if (parts.length === MOST_PARTS) throw new FormError(`The form has more than ${MOST_PARTS} parts.`);
    // The line end before a delimiter belongs to it: an empty part shares it with the end of its headers.
    const next = findDelimiter(body, marker, delimiter.end - 2);
    parts.push(readPart(body.subarray(delimiter.end, next.start)));
    delimiter = next;
  }
  return parts;
}
