// What the contenders are given to do.

/** `images`: a stream of the Images API. `answer`: one JSON answer of it. `response`: a stream of the Responses API. */
export type Shape = "images" | "answer" | "response";

export interface Work {
  name: string;
  shape: Shape;
  /** How many pictures, partialImages included, and of how many bytes each. */
  pictures: number;
  pictureBytes: number;
  chunkBytes: number;
}

const MB = 1_000_000;
const KIB = 1024;
/** As no buffer is, so that chunks end anywhere in a quad of base64. */
const ODD = 10_007;

const SIZES = ["0.2", "1.5", "6", "18"] as const;
const COUNTS = { "0.2": 4, "1.5": 4, "6": 2, "18": 1 };
/** A large picture does not come in small chunks. */
const CHUNKS = {
  "0.2": [KIB, ODD, 16 * KIB, 64 * KIB],
  "1.5": [KIB, ODD, 16 * KIB, 64 * KIB],
  "6": [ODD, 16 * KIB, 64 * KIB],
  "18": [ODD, 16 * KIB, 64 * KIB],
};

const streams = SIZES.flatMap((size) => CHUNKS[size].map((chunkBytes) => work("images", COUNTS[size], size, chunkBytes)));

export const ANSWER = work("answer", 4, "1.5", 16 * KIB);
export const RESPONSE = work("response", 1, "6", 16 * KIB);
export const WORKS = [...streams, ANSWER, RESPONSE];

/** The stream of pictures of that size, in chunks of that size. */
export function stream(size: (typeof SIZES)[number], chunkKib: 16 | 64): Work {
  return work("images", COUNTS[size], size, chunkKib * KIB);
}

function work(shape: Shape, pictures: number, size: keyof typeof COUNTS, chunkBytes: number): Work {
  const what = `${pictures} × ${size} MB`;
  const how = { images: "", answer: " in one JSON answer", response: " twice in a stream of responses" }[shape];
  const chunks = chunkBytes % KIB ? `${chunkBytes.toLocaleString("en")} B` : `${chunkBytes / KIB} KiB`;
  return { name: `${what}${how}, ${chunks} chunks`, shape, pictures, pictureBytes: Number(size) * MB, chunkBytes };
}
