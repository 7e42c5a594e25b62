// A small Azure within the page, for where no simulator runs: it answers in the place of the network, draws what a canvas can, and
// nothing leaves the page. It has the image routes of each service and streams as Azure does, so the library takes it for Azure.

import { contextOf } from "../edit/mask.js";

/** Its endpoint, which no network has. */
export const BUILT_IN = "https://in-this-page.invalid";

/** How long a picture takes, with the previews spread over that time, in milliseconds. */
const LATENCY_IN_MS = 3000;

type Context = OffscreenCanvasRenderingContext2D;

/** What is asked for, by Azure's names. */
interface Asked {
  prompt: string;
  width: number;
  height: number;
  mediaType: string;
  partialImages: number;
  isStreamed: boolean;
  image?: Blob | undefined;
  mask?: Blob | undefined;
}

/** Answers as `fetch` does. */
export async function answer(request: Request): Promise<Response> {
  const [, route] = /\/(?:images|providers\/blackforestlabs)\/(generations|edits|v1)/.exec(new URL(request.url).pathname) ?? [];
  if (request.method !== "POST" || !route) {
    const message = "Only pictures are made in this page. Start npx azure-image-simulator for conversations and agents.";
    return Response.json({ error: { code: "not_found", message } }, { status: 404 });
  }
  const asked = await read(request);
  if (!asked.isStreamed) {
    await pause(LATENCY_IN_MS, request.signal);
    return Response.json({ created: Math.floor(Date.now() / 1000), data: [{ b64_json: await render(await draw(asked), asked) }] });
  }
  const kind = route === "edits" ? "image_edit" : "image_generation";
  const encoder = new TextEncoder();
  const events = (async function* () {
    const picture = await draw(asked);
    for (let index = 0; index <= asked.partialImages; index += 1) {
      await pause(LATENCY_IN_MS / (asked.partialImages + 1), request.signal);
      const isLast = index === asked.partialImages;
      const type = `${kind}.${isLast ? "completed" : "partial_image"}`;
      const image = isLast ? picture : rough(picture, 8 * 2 ** index);
      const event = { type, ...(!isLast && { partial_image_index: index }), b64_json: await render(image, asked) };
      yield encoder.encode(`event: ${type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
  })();
  const body = new ReadableStream({
    async pull(controller) {
      const { done, value } = await events.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

async function read(request: Request): Promise<Asked> {
  const isForm = request.headers.get("content-type")?.startsWith("multipart/") ?? false;
  const fields: Record<string, unknown> = isForm ? Object.fromEntries(await request.formData()) : await request.json();
  const file = (value: unknown) => (value instanceof Blob ? value : undefined);
  const image = file(fields["image"] ?? fields["image[]"]) ?? decoded(fields["input_image"]);
  const { width, height } = await sizeOf(fields, image);
  return {
    prompt: String(fields["prompt"]),
    width,
    height,
    mediaType: `image/${fields["output_format"] ?? "png"}`,
    partialImages: Number(fields["partial_images"] ?? 0),
    isStreamed: /^true$/i.test(String(fields["stream"])),
    image,
    mask: file(fields["mask"]),
  };
}

/** Returns the requested size or, for an edit without one, the size of its input image. */
async function sizeOf(fields: Record<string, unknown>, image: Blob | undefined): Promise<{ width: number; height: number }> {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(String(fields["size"] ?? `${fields["width"]}x${fields["height"]}`)) ?? [];
  if (width && height) return { width: Number(width), height: Number(height) };
  const [, wide, high] = /^(\d+):(\d+)$/.exec(String(fields["aspect_ratio"])) ?? [];
  const side = (ratio: number) => Math.round(1024 * Math.sqrt(ratio));
  if (wide && high) return { width: side(Number(wide) / Number(high)), height: side(Number(high) / Number(wide)) };
  return image ? createImageBitmap(image) : { width: 1024, height: 1024 };
}

/** Decodes an input image of FLUX. */
function decoded(base64: unknown): Blob | undefined {
  return typeof base64 === "string" ? new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]) : undefined;
}

/** A sky, a sun and a few ridges in the colours of the prompt; of an edit only what the mask lets through, and all of it faintly without one. */
async function draw({ prompt, width, height, image, mask }: Asked): Promise<Context> {
  const context = contextOf(width, height);
  let hue = 0;
  for (const character of prompt) hue = (hue * 31 + (character.codePointAt(0) ?? 0)) % 360;
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${hue} 60% 45%)`);
  sky.addColorStop(1, `hsl(${hue + 50} 75% 82%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  context.fillStyle = `hsl(${hue + 60} 90% 94%)`;
  context.beginPath();
  context.arc(width * (0.2 + 0.6 * Math.random()), height * (0.2 + 0.2 * Math.random()), Math.min(width, height) / 10, 0, 2 * Math.PI);
  context.fill();
  for (let ridge = 1; ridge <= 4; ridge += 1) {
    const [phase, steepness] = [Math.random() * 10, 2 + 3 * Math.random()];
    context.fillStyle = `hsl(${hue + 10 * ridge} 45% ${60 - 12 * ridge}%)`;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width; x += 4) {
      const wave = Math.sin(phase + (steepness * x) / width) + 0.4 * Math.sin(phase * ridge + (7 * steepness * x) / width);
      context.lineTo(x, height * (0.42 + 0.12 * ridge - 0.06 * wave));
    }
    context.lineTo(width, height);
    context.fill();
  }
  if (image) await putBack(context, image, mask);
  return context;
}

/** Lays the picture that an edit began with over what was drawn, but for what its mask lets through. */
async function putBack(context: Context, image: Blob, mask: Blob | undefined): Promise<void> {
  const { width, height } = context.canvas;
  const kept = contextOf(width, height);
  kept.drawImage(await createImageBitmap(image), 0, 0, width, height);
  kept.globalCompositeOperation = "destination-in";
  if (mask) kept.drawImage(await createImageBitmap(mask), 0, 0, width, height);
  context.globalAlpha = mask ? 1 : 0.6;
  context.drawImage(kept.canvas, 0, 0);
}

/** A preview: the picture in as many columns. */
function rough(picture: Context, columns: number): Context {
  const { width, height } = picture.canvas;
  const small = contextOf(columns, Math.max(1, Math.round((columns * height) / width)));
  small.drawImage(picture.canvas, 0, 0, small.canvas.width, small.canvas.height);
  const context = contextOf(width, height);
  context.drawImage(small.canvas, 0, 0, width, height);
  return context;
}

async function render({ canvas }: Context, { mediaType }: Asked): Promise<string> {
  const blob = await canvas.convertToBlob({ type: mediaType, quality: 0.9 });
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
  return url.slice(url.indexOf(",") + 1);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
