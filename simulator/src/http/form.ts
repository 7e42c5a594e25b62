/** A form: its text fields and its files. */

import { createHash } from "node:crypto";
import { readMultipart } from "./multipart.js";

/** A file in a form. */
export interface FormFile {
  readonly field: string;
  readonly filename: string;
  /** The media type, without parameters and in lower case; that of unknown bytes if the part gives none. */
  readonly contentType: string;
  readonly bytes: Buffer;
  /** The hash of the bytes in hexadecimal. */
  readonly sha256: string;
}

/** A form. */
export interface Form {
  /** The text fields; one that is there several times is an array. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
  readonly files: readonly FormFile[];
}

/** Reads a form, or throws a `FormError`. */
export function readForm(body: Buffer, boundary: string): Form {
  const fields = new Map<string, string[]>();
  const files: FormFile[] = [];
  for (const { name, filename, contentType = "application/octet-stream", bytes } of readMultipart(body, boundary)) {
    if (filename !== undefined) {
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const [mediaType = ""] = contentType.split(";");
      files.push({ field: name, filename, contentType: mediaType.trim().toLowerCase(), bytes, sha256 });
      continue;
    }
    const texts = fields.get(name);
    if (texts === undefined) fields.set(name, [bytes.toString()]);
    else texts.push(bytes.toString());
  }
  const values = [...fields].map(([name, texts]): [string, string | readonly string[]] => [name, texts.length > 1 ? texts : (texts[0] ?? "")]);
  return { fields: Object.fromEntries(values), files };
}
