/** Forms as they come over the wire, and what the log keeps of them. */

import { createHash, randomFillSync } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import sharp from "sharp";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { file, photograph } from "./artwork.js";
import { expect, form, post, postForm, request, streamed, test, V1_EDITS } from "./fixtures.js";

const picture = await photograph(64, 64).png().toBuffer();
const hash = createHash("sha256").update(picture).digest("hex");

/** Writes a form by hand; a part is its headers and its content. */
function write(parts: readonly (readonly [headers: string, content: string | Uint8Array])[], boundary: string, preamble = ""): Buffer {
  const chunks: (string | Uint8Array)[] = [preamble];
  for (const [headers, content] of parts) chunks.push(`--${boundary}\r\n${headers}\r\n\r\n`, content, "\r\n");
  chunks.push(`--${boundary}--\r\n`);
  return Buffer.concat(chunks.map((chunk) => Buffer.from(chunk as string)));
}

function postRaw(simulator: Simulator, body: Uint8Array, contentType: string): Promise<Response> {
  return fetch(simulator.url + V1_EDITS, {
    method: "POST",
    headers: { "api-key": "simulator-key", "content-type": contentType },
    body: new Uint8Array(body),
  });
}

const MODEL = ['Content-Disposition: form-data; name="model"', "gpt-image-1"] as const;
const PROMPT = ['Content-Disposition: form-data; name="prompt"', "a lake"] as const;
const image = (disposition: string, type = "Content-Type: image/png") =>
  [`Content-Disposition: form-data; ${disposition}${type === "" ? "" : `\r\n${type}`}`, picture] as const;

test.describe("reads", () => {
  const forms: readonly [what: string, disposition: string, boundary: string, contentType: string, filename: string][] = [
    ["a short boundary", 'name="image"; filename="a.png"', "x", "multipart/form-data; boundary=x", "a.png"],
    ["a quoted boundary", 'name="image"; filename="a.png"', "a b:c", 'Multipart/Form-Data; charset=utf-8; boundary="a b:c"', "a.png"],
    ["names without quotes", "name=image; filename=a.png", "----x", "multipart/form-data; boundary=----x", "a.png"],
    ["a name with a quotation mark from a browser", 'name="image"; filename="a%22b.png"', "x", "multipart/form-data; boundary=x", 'a"b.png'],
    ["a name with a quotation mark from curl", 'name="image"; filename="a\\"b.png"', "x", "multipart/form-data; boundary=x", 'a"b.png'],
    ["a name in UTF-8", 'name="image"; filename="Bärenjagd 🐻.png"', "x", "multipart/form-data; boundary=x", "Bärenjagd 🐻.png"],
    ["an extended name", 'name="image"; filename="b.png"; filename*=UTF-8\'\'b%C3%A4r.png', "x", "multipart/form-data; boundary=x", "bär.png"],
    ["an empty name of a file", 'name="image"; filename=""', "x", "multipart/form-data; boundary=x", ""],
  ];
  for (const [what, disposition, boundary, contentType, filename] of forms) {
    test(what, async ({ simulator }) => {
      const response = await postRaw(simulator, write([MODEL, PROMPT, image(disposition)], boundary), contentType);
      expect(response.status).toBe(200);
      expect(simulator.requests).toMatchObject([
        {
          body: { model: "gpt-image-1", prompt: "a lake" },
          files: [{ field: "image", filename, contentType: "image/png", byteLength: picture.length, sha256: hash }],
        },
      ]);
    });
  }

  test("a preamble, spaces behind a boundary, and headers in any case", async ({ simulator }) => {
    const parts = [MODEL, PROMPT, image('name="image"; filename="a.png"', "CONTENT-TYPE: Image/PNG; charset=binary")] as const;
    const body = write(parts, "x", "This is a form.\r\n").toString("latin1").replaceAll("--x\r\n", "--x \t\r\n");
    expect((await postRaw(simulator, Buffer.from(body, "latin1"), "multipart/form-data; boundary=x")).status).toBe(200);
    expect(simulator.requests[0]?.files).toMatchObject([{ contentType: "image/png", sha256: hash }]);
  });

  test("a file that holds the beginning of a boundary", async ({ simulator }) => {
    const content = "\r\n--x\r\r\n--xy\r\n--x-\r\n\r\n--";
    const part = ['Content-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png', content] as const;
    await postRaw(simulator, write([MODEL, part, PROMPT], "x"), "multipart/form-data; boundary=x");
    expect(simulator.requests).toMatchObject([
      { body: { prompt: "a lake" }, files: [{ sha256: createHash("sha256").update(content).digest("hex") }] },
    ]);
  });

  test("empty fields, repeated ones, and line ends in a text", async ({ simulator }) => {
    const data = form({ user: "", prompt: "a lake\r\n\r\nwith a boat", tag: ["a", "b", "c"], __proto__key: "x" });
    await postForm(simulator, data);
    expect(simulator.requests[0]?.body).toEqual({ user: "", prompt: "a lake\r\n\r\nwith a boat", tag: ["a", "b", "c"], __proto__key: "x" });
    expect(simulator.requests[0]?.files).toEqual([]);
  });

  test("a file without a type as bytes of no type", async ({ simulator }) => {
    const response = await postRaw(
      simulator,
      write([MODEL, PROMPT, image('name="image"; filename="a.png"', "")], "x"),
      "multipart/form-data; boundary=x",
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: "unsupported_file_mimetype", message: expect.stringContaining("('application/octet-stream')") },
    });
  });
});

test.describe("refuses", () => {
  const whole = write([MODEL, PROMPT, image('name="image"; filename="a.png"')], "x");
  const bodies: readonly [what: string, body: Uint8Array, contentType: string][] = [
    ["an empty form", new Uint8Array(), "multipart/form-data; boundary=x"],
    ["a form without a boundary", whole, "multipart/form-data"],
    ["another boundary", whole, "multipart/form-data; boundary=y"],
    ["a form that is cut off", whole.subarray(0, -10), "multipart/form-data; boundary=x"],
    ["a part without a name", write([["Content-Disposition: form-data", "a"]], "x"), "multipart/form-data; boundary=x"],
    ["a part without headers", write([["", "a"]], "x"), "multipart/form-data; boundary=x"],
    ["a name that is badly encoded", write([image("name=\"image\"; filename*=UTF-8''%ZZ")], "x"), "multipart/form-data; boundary=x"],
  ];
  for (const [what, body, contentType] of bodies) {
    test(what, async ({ simulator }) => {
      const response = await postRaw(simulator, body, contentType);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { message: "Could not parse multipart form" } });
      expect(simulator.requests[0]).toMatchObject({ body: undefined, rawBody: Buffer.from(body) });
    });
  }
});

test.describe("the log", () => {
  test("keeps small bodies, and of large ones what they hold", async ({ simulator }) => {
    await postForm(simulator, form({ prompt: "a lake", image: file(new Uint8Array(1024 * 1024), "large.png") }));
    await postForm(simulator, form({ prompt: "a lake", image: file(picture, "small.png") }));
    await post(simulator, request("x".repeat(1024 * 1024)));
    const [large, small, json] = simulator.requests;
    expect(large).toMatchObject({ rawBody: undefined, body: { prompt: "a lake" }, files: [{ byteLength: 1024 * 1024 }] });
    expect(small?.rawBody?.byteLength).toBeGreaterThan(picture.length);
    expect(json).toMatchObject({ rawBody: undefined, body: { model: "gpt-image-1" } });
    expect(json).not.toHaveProperty("files");
  });

  test("may be limited to the last requests and their pictures", async () => {
    const simulator = await startSimulator({ logLimit: 2 });
    for (const prompt of ["a lake", "a river", "a sea", "a forest"]) {
      await (await post(simulator, request(prompt, { quality: "low" }))).arrayBuffer();
    }
    expect(simulator.requests.map(({ index, body }) => [index, (body as { prompt: string }).prompt])).toEqual([
      [2, "a sea"],
      [3, "a forest"],
    ]);
    expect(simulator.pictures.map(({ requestIndex }) => requestIndex)).toEqual([2, 3]);
    simulator.reset();
    expect((await post(simulator, request("a lake"))).status).toBe(200);
    expect(simulator.requests.map(({ index }) => index)).toEqual([0]);
    await simulator.close();
  });

  test("has no picture of a request that it has forgotten", async () => {
    const simulator = await startSimulator({ logLimit: 0 });
    const answer = await post(simulator, streamed("a lake"));
    await answer.text();
    expect(simulator).toMatchObject({ requests: [], pictures: [] });
    await simulator.close();
  });

  test("has no picture of a request from before it was cleared", async ({ simulator }) => {
    const before = post(simulator, request("a lake [slow-first-byte=300]"));
    await expect.poll(() => simulator.requests.length).toBe(1);
    const [first] = simulator.requests;
    simulator.reset();
    const { status } = await post(simulator, request("a lake [status=400]"));
    expect(status).toBe(400);
    await (await before).arrayBuffer();
    await first?.closed;
    expect(simulator).toMatchObject({ requests: [{ index: 0, status: 400 }], pictures: [] });
  });
});

test("a client that goes away while it sends stops the work", async ({ simulator }) => {
  const socket = connect(simulator.port, "127.0.0.1");
  socket.write(
    `POST ${V1_EDITS} HTTP/1.1\r\nhost: localhost\r\napi-key: simulator-key\r\n` +
      `content-type: multipart/form-data; boundary=x\r\ncontent-length: 1000000\r\n\r\n--x\r\n`,
  );
  await expect.poll(() => simulator.activeRequests).toBe(1);
  socket.destroy();
  await once(socket, "close");
  await expect.poll(() => simulator.activeRequests).toBe(0);
  await simulator.requests[0]?.closed;
  expect(simulator.requests).toMatchObject([{ aborted: true, status: undefined, body: undefined }]);
});

test("sixteen pictures of 10 MB are taken, and forgotten again", { tag: "@nightly" }, async ({ simulator }) => {
  test.slow();
  // Noise does not compress: the side of a square that has 10 MB as PNG.
  const side = 1850;
  const bytes = await sharp(randomFillSync(Buffer.alloc(side * side * 3)), { raw: { width: side, height: side, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
  expect(bytes.length).toBeGreaterThan(10_000_000);
  const large = file(bytes, "large.png");
  const response = await postForm(simulator, form({ model: "gpt-image-1", prompt: "a lake", "image[]": Array(16).fill(large) }));
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  expect(simulator.requests[0]?.files).toHaveLength(16);
  expect(JSON.stringify(simulator.requests[0]).length).toBeLessThan(10_000);
});
