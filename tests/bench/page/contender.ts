import type { Shape } from "../works.js";
import type { Body } from "./bodies.js";

/** What a contender is asked to do, once. */
export interface Job {
  shape: Shape;
  /** How many pictures, partialImages included. */
  pictures: number;
  body: Body;
  /** The answer of the service, new each time. */
  answer(): Response;
}

export interface Contender {
  name: string;
  /** What it can do. */
  shapes: readonly Shape[];
  /** Gives the Blobs of all pictures in their order. */
  run(job: Job): Promise<Blob[]>;
}

export const ALL_SHAPES: readonly Shape[] = ["images", "answer", "response"];

/** So that every package takes it for what it is, where it looks at the name. */
export const DEPLOYMENT = "gpt-image-1";
export const PROMPT = "A lake";
const PICTURE = { type: "image/png" };

export function blobOf(bytes: Uint8Array<ArrayBuffer>): Blob {
  return new Blob([bytes], PICTURE);
}

/** The picture of a finished item of a response, in base64. */
export interface OutputItem {
  type: string;
  result?: string | null;
}
