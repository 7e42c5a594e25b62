import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import sharp from "sharp";
import { expect, test } from "./fixtures.js";

type Size = [width: number, height: number];

/** A file as the page and the client see it. */
interface Seen {
  /** The size that an `<img>` displays. */
  displayed?: Size;
  /** The message of a refusal. */
  refused?: string;
  /** The media type and the decoded size of the sent image. */
  sent?: { type: string; size?: Size; unchanged: boolean };
  /** The media type and the size of a result with these bytes. */
  result: { type: string; size?: Size };
  /** False if a mask of these bytes is refused for a lack of alpha. */
  hasAlpha: boolean;
}

const EXTENSIONS = /^\.(png|apng|jpe?g|jfif|mpo|webp|gif|bmp|dib|ico|cur|avifs?|heic|tiff?|jp2|j2k|psd|svg|pdf|eps)$/;

const EMPTY = "An <img> accepts it and displays an empty box, because no pixel can be decoded. Such an image is refused.";

/** Files for which the client, Chromium and sharp differ, with the reason. */
const DEVIATIONS: Record<string, string> = {
  "pillow-13.0.0/decompression_bomb.ico": EMPTY,
  "pillow-13.0.0/hopper_unexpected.ico": EMPTY,
  "pillow-13.0.0/issue_2811.gif": EMPTY,
};

test("the image files of others are accepted if the browser displays them", { tag: ["@browser", "@nightly"] }, async ({
  page,
  simulator,
  engine,
}) => {
  test.skip(engine !== "chromium", "The table of deviations is that of Chromium.");
  test.setTimeout(600_000);
  const { findImageFiles } = (await import(String(new URL("../../scripts/image-files.mjs", import.meta.url)))) as {
    findImageFiles(): Promise<string>;
  };
  const folder = await findImageFiles();
  const names = (await readdir(folder, { recursive: true })).filter((name) => EXTENSIONS.test(extname(name).toLowerCase())).sort();
  expect(names.length).toBeGreaterThan(300);
  const faults: string[] = [];
  const deviations: string[] = [];
  let displayed = 0;
  for (const name of names) {
    const bytes = await readFile(join(folder, name));
    if (bytes.length > 5_000_000) continue;
    const seen = await page.evaluate(async (base64): Promise<Seen> => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      // A type that says nothing, as many files have.
      const blob = new Blob([bytes]);
      const sizeOf = (source: Blob) =>
        createImageBitmap(source).then(
          ({ width, height }): [number, number] => [width, height],
          () => undefined,
        );
      const image = new Image();
      image.src = URL.createObjectURL(blob);
      const displayed = await image.decode().then(
        (): [number, number] => [image.naturalWidth, image.naturalHeight],
        () => undefined,
      );
      URL.revokeObjectURL(image.src);
      let file: File | undefined;
      const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", {
        deployment: "gpt-image-1",
        fetch: async (request) => {
          if (request.url.includes("/edits")) file = (await request.formData()).get("image") as File;
          return new Response(JSON.stringify({ created: 1, data: [{ b64_json: base64 }] }), { headers: { "content-type": "application/json" } });
        },
      });
      const { error } = await helpers.outcome(client.edit({ prompt: "a boat", image: blob }));
      const { images = [] } = await client.generate({ prompt: "a boat" }).catch(() => ({ images: undefined }));
      const problems = await client.validate({ prompt: "a boat", image: blob, mask: blob });
      const [result] = images;
      const unchanged = file?.size === blob.size;
      return {
        ...(displayed && { displayed }),
        ...(error && { refused: error.message }),
        ...(file && { sent: { type: file.type, unchanged, ...(await sizeOf(file).then((size) => size && { size })) } }),
        result: { type: result?.mediaType ?? "", ...(result?.width && result.height && { size: [result.width, result.height] }) },
        hasAlpha: !problems.some(({ param, message }) => param === "mask" && message.includes("no alpha channel")),
      };
    }, bytes.toString("base64"));
    if (seen.displayed) displayed += 1;
    const found = await compare(bytes, seen);
    if (name in DEVIATIONS && found.length > 0) deviations.push(name);
    else faults.push(...found.map((fault) => `${name}: ${fault}`));
  }
  test.info().annotations.push({ type: "image files", description: `${names.length}, of which ${displayed} are displayed` });
  expect(displayed).toBeGreaterThan(300);
  expect(faults).toEqual([]);
  expect(deviations).toEqual(Object.keys(DEVIATIONS));
  expect(simulator.requests).toEqual([]);
});

/** The faults of the client, by the browser and by sharp. */
async function compare(bytes: Buffer, { displayed, refused, sent, result, hasAlpha }: Seen): Promise<string[]> {
  const faults: string[] = [];
  const check = (isRight: boolean, fault: string) => isRight || faults.push(fault);
  const same = (one: Size, other: Size) => one.join("x") === other.join("x");
  if (displayed && refused) faults.push(`displayed as ${displayed.join("x")}, but refused: ${refused}`);
  if (!displayed && sent && !sent.unchanged) faults.push("not displayed, but converted");
  if (refused) check(/Use a PNG|PNG or JPEG|is empty/.test(refused), `refused without a remedy: ${refused}`);
  if (displayed && sent?.size) check(same(displayed, sent.size), `displayed as ${displayed.join("x")}, sent as ${sent.size.join("x")}`);
  if (displayed && result.size) check(same(displayed, result.size), `displayed as ${displayed.join("x")}, read as ${result.size.join("x")}`);
  const known = await sharp(bytes, { failOn: "none" })
    .metadata()
    .catch(() => undefined);
  if (!known || !displayed) return faults;
  const { format, width, height, autoOrient } = known;
  if (["png", "jpeg", "webp", "gif"].includes(format)) {
    check(result.type === `image/${format}`, `sharp reads ${format}, the client ${result.type}`);
    const size: Size = format === "webp" ? [width, height] : [autoOrient.width, autoOrient.height];
    if (result.size) check(same(result.size, size), `sharp reads ${size.join("x")}, the client ${result.size.join("x")}`);
    else faults.push("displayed, but its size was not read");
  }
  if (format === "png") check(hasAlpha === known.hasAlpha, `sharp reads alpha as ${known.hasAlpha}, the client as ${hasAlpha}`);
  if (sent && !sent.unchanged) {
    const isOpaque = await sharp(bytes, { failOn: "none" })
      .stats()
      .then(
        (stats) => stats.isOpaque,
        () => undefined,
      );
    if (isOpaque !== undefined) check(isOpaque === (sent.type === "image/jpeg"), `sharp says opaque is ${isOpaque}, sent as ${sent.type}`);
  }
  return faults;
}
