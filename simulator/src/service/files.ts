/** The files that a resource or a project keeps. */

import { createHash } from "node:crypto";
import type { FormFile } from "../http/form.js";
import { newId, secondsNow } from "./ids.js";

/** A file that was uploaded. */
export interface StoredFile {
  readonly id: string;
  readonly purpose: string;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  readonly file: FormFile;
}

/** Keeps a file. */
export function storedFile(file: FormFile, purpose: string, lifeInSeconds: number | undefined): StoredFile {
  const createdAt = secondsNow();
  const expiresAt = lifeInSeconds === undefined ? undefined : createdAt + lifeInSeconds;
  return { id: newId("file-"), purpose, createdAt, expiresAt, file };
}

/** A picture as if it had come in a form, so that the same rules apply to it. */
export function pictureFile(field: string, contentType: string, bytes: Buffer): FormFile {
  return { field, filename: field, contentType, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** The JSON of a file. */
export function fileDocument({ id, purpose, createdAt, expiresAt, file }: StoredFile): object {
  return {
    id,
    object: "file",
    bytes: file.bytes.byteLength,
    created_at: createdAt,
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
    filename: file.filename,
    purpose,
    status: "processed",
  };
}
