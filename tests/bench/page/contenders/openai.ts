import { AzureOpenAI } from "openai";
import { ALL_SHAPES, blobOf, DEPLOYMENT, PROMPT, type Contender, type Job } from "../contender.js";

type Decode = (base64: string) => Uint8Array<ArrayBuffer>;

/** `openai`, whose pictures are base64 text, and what browsers have to decode it since 2025. */
export const openaiFromBase64 = openai("openai + fromBase64", (base64) => Uint8Array.fromBase64(base64));

/** … and what they have always had. */
export const openaiAtob = openai("openai + atob", (base64) => {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
});

function openai(name: string, decode: Decode): Contender {
  return {
    name,
    shapes: ALL_SHAPES,
    run: async (job) => {
      const blobs: Blob[] = [];
      for await (const base64 of picturesOf(job)) blobs.push(blobOf(decode(base64)));
      return blobs;
    },
  };
}

async function* picturesOf({ shape, pictures, answer }: Job): AsyncGenerator<string> {
  const client = new AzureOpenAI({
    endpoint: "https://my-resource.openai.azure.com",
    apiKey: "key",
    apiVersion: "2025-04-01-preview",
    dangerouslyAllowBrowser: true,
    fetch: async () => answer(),
  });
  const request = { model: DEPLOYMENT, prompt: PROMPT };
  if (shape === "images") {
    const events = await client.images.generate({ ...request, stream: true, partial_images: pictures - 1 });
    for await (const event of events) yield event.b64_json;
  } else if (shape === "answer") {
    const { data } = await client.images.generate({ ...request, n: pictures });
    for (const { b64_json } of data ?? []) yield b64_json ?? "";
  } else {
    const events = await client.responses.create({ model: "gpt-4.1", input: PROMPT, tools: [{ type: "image_generation" }], stream: true });
    for await (const event of events) {
      if (event.type === "response.output_item.done" && event.item.type === "image_generation_call") yield event.item.result ?? "";
    }
  }
}
