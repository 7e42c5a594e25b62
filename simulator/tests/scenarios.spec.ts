/** Every scenario, in the prompt or in the name of the deployment. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { request as httpRequest, type IncomingMessage } from "node:http";
import sharp from "sharp";
import { scenarioWords, type Simulator } from "azure-image-simulator";
import { file, photograph } from "./artwork.js";
import { classic, expect, form, post, postForm, readEvents, request, sha256, streamed, test, V1 } from "./fixtures.js";
import { responseProofs } from "./response-proofs.js";

/** Sends a request without `fetch`, which hides how a body arrives. */
async function exchange(simulator: Simulator, body: object): Promise<{ chunks: Buffer[]; error: unknown }> {
  const chunks: Buffer[] = [];
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { "content-type": "application/json", "api-key": "simulator-key" };
      httpRequest(simulator.url + V1, { method: "POST", headers }, resolve)
        .on("error", reject)
        .end(JSON.stringify(body));
    });
    response.on("data", (chunk) => chunks.push(chunk));
    await once(response, "end");
    return { chunks, error: undefined };
  } catch (error) {
    return { chunks, error };
  }
}

/** Sends a request over a connection of its own, which shows what every client hides. */
function send(simulator: Simulator, body: object): Socket {
  const content = JSON.stringify(body);
  const socket = connect(simulator.port, "127.0.0.1");
  socket.write(
    `POST ${V1} HTTP/1.1\r\nhost: localhost\r\napi-key: simulator-key\r\n` +
      `content-type: application/json\r\ncontent-length: ${content.length}\r\n\r\n${content}`,
  );
  return socket.setEncoding("latin1");
}

/** The chunks of a body as HTTP frames them. */
async function chunksOnTheWire(simulator: Simulator, body: object): Promise<string[]> {
  const received = (await send(simulator, body).toArray()).join("");
  const chunks: string[] = [];
  let at = received.indexOf("\r\n\r\n") + 4;
  while (at < received.length) {
    const start = received.indexOf("\r\n", at) + 2;
    const length = Number.parseInt(received.slice(at, start), 16);
    if (length > 0) chunks.push(received.slice(start, start + length));
    at = start + length + 2;
  }
  return chunks;
}

const text = async (simulator: Simulator, body: object) => (await post(simulator, body)).text();
const events = async (simulator: Simulator, body: object) => readEvents(await text(simulator, body));
const json = async (simulator: Simulator, body: object): Promise<any> => (await post(simulator, body)).json();

const types = (stream: ReturnType<typeof readEvents>) => stream.map(({ data }) => data["type"]);
const PREVIEWS = ["image_generation.partial_image", "image_generation.partial_image"];

async function elapsed(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

/** A status line, whole headers, and the beginning of one. */
const PART_OF_HEAD = /^HTTP\/1\.1 200 OK\r\nconnection: close\r\napim-request-id: [0-9a-f-]{36}\r\nx-request-id: [0-9a-f]{4}$/;

/** An answer that begins later and comes whole: what went on would have come before its end. */
const another = (simulator: Simulator) => text(simulator, streamed("a sea"));

async function stalls(simulator: Simulator, body: object, expected: string[]): Promise<void> {
  const abort = new AbortController();
  const response = await post(simulator, body, { signal: abort.signal });
  let received = "";
  const reading = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) received += chunk;
  })();
  await expect.poll(() => types(readEvents(received))).toEqual(expected);
  await another(simulator);
  expect(types(readEvents(received))).toEqual(expected);
  expect(simulator.activeRequests).toBe(1);
  abort.abort();
  await expect(reading).rejects.toThrow();
  await expect.poll(() => simulator.activeRequests).toBe(0);
  expect(simulator.requests).toMatchObject([{ aborted: true }, { aborted: false }]);
}

const proofs: Record<string, (simulator: Simulator) => Promise<void>> = {
  ...responseProofs,

  async status(simulator) {
    for (const status of [400, 401, 403, 404, 408, 409, 413, 429, 500, 503]) {
      const response = await post(simulator, request(`a lake [status=${status}]`));
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
    }
    const badGateway = await post(simulator, request("a lake [status=502]"));
    expect(badGateway.status).toBe(502);
    expect(badGateway.headers.get("content-type")).toBe("text/html");
    const gatewayTimeout = await post(simulator, streamed("a lake [status=504]"));
    expect(gatewayTimeout.status).toBe(504);
    expect(await gatewayTimeout.text()).toBe("");
  },

  async error(simulator) {
    const response = await post(simulator, request("a lake [error=400-moderation-blocked]"));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "moderation_blocked" } });
    const network = await post(simulator, request("a lake [error=403-network]"));
    expect(network.headers.get("policy-id")).toBe("ThrowExceptionDueToTrafficDenied");
  },

  async "retry-after"(simulator) {
    const response = await post(simulator, request("a lake [status=429] [retry-after=3]"));
    expect(response.headers.get("retry-after")).toBe("3");
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining("Please retry after 3 seconds.") } });
    expect((await post(simulator, request("a lake [status=429]"))).headers.get("retry-after")).toBe("18");
    for (const [word, status, message] of [
      ["status=503", 503, /Please retry after 3 seconds\.$/],
      ["error=429-rate-limit-reached", 429, /Please retry after 3 seconds\. To increase/],
      ["error=429-too-many-requests", 429, /^Too Many Requests$/],
      ["error=429-rate-limit-classic", 429, /Please retry after 3 seconds\. Please go here/],
    ] as const) {
      const refused = await post(simulator, request(`a lake [${word}] [retry-after=3]`));
      expect(refused.status).toBe(status);
      expect(refused.headers.get("retry-after")).toBe("3");
      expect(refused.headers.get("retry-after-ms")).toBeNull();
      expect(["3", null]).toContain(refused.headers.get("x-ratelimit-reset-requests"));
      expect(await refused.json()).toMatchObject({ error: { message: expect.stringMatching(message) } });
    }
    const fraction = await json(simulator, request("", { model: "gpt-image-1--status-503--retry-after-0.05" }));
    expect(fraction).toMatchObject({ error: { message: expect.stringContaining("retry after 0.05 seconds") } });
  },

  async times(simulator) {
    const statuses = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      statuses.push((await post(simulator, request("a lake [status=503] [times=2]"))).status);
    }
    expect(statuses).toEqual([503, 503, 200]);
    expect((await post(simulator, request("a river [status=503] [times=2]"))).status).toBe(503);
  },

  async "content-filter"(simulator) {
    expect(await json(simulator, request("a lake [content-filter]"))).toMatchObject({
      error: { code: "contentFilter", message: expect.stringMatching(/^Your task failed/) },
    });
  },

  async "output-filter"(simulator) {
    expect(await json(simulator, request("a lake [output-filter]"))).toMatchObject({
      error: { code: "contentFilter", message: expect.stringMatching(/^Generated image was filtered/) },
    });
  },

  async "content-policy"(simulator) {
    expect(await json(simulator, request("a lake [content-policy]"))).toMatchObject({
      error: { code: "content_policy_violation", inner_error: { content_filter_results: { violence: { filtered: true } } } },
    });
  },

  async moderation(simulator) {
    expect(await json(simulator, request("a lake [moderation]"))).toMatchObject({ error: { code: "moderation_blocked" } });
  },

  async "moderation-in-stream"(simulator) {
    const stream = await events(simulator, streamed("a lake [moderation-in-stream]"));
    expect(types(stream)).toEqual([...PREVIEWS, undefined]);
    expect(stream[2]).toMatchObject({ name: "error", data: { error: { code: "moderation_blocked" } } });
  },

  async "error-in-stream"(simulator) {
    const stream = await events(simulator, streamed("a lake [error-in-stream]"));
    expect(types(stream)).toEqual([...PREVIEWS, "error"]);
    expect(stream[2]).toMatchObject({ name: "error", data: { code: "server_error", param: null } });
  },

  async "rate-limit-in-stream"(simulator) {
    const stream = await events(simulator, streamed("a lake [rate-limit-in-stream]"));
    expect(types(stream)).toEqual([...PREVIEWS, "error"]);
    const error = { type: "too_many_requests", code: "rate_limit_exceeded", message: "Rate limit reached. Please try again in 2s.", param: null };
    expect(stream[2]).toEqual({ name: "error", data: { type: "error", error } });
    const other = await events(simulator, streamed("a lake [rate-limit-in-stream] [retry-after=0.1]"));
    expect(other[2]?.data["error"].message).toBe("Rate limit reached. Please try again in 0.1s.");
  },

  async "echo-credential"(simulator) {
    const body = request("a lake [echo-credential]");
    const headers = { "content-type": "application/json" };
    for (const [sent, credential] of [
      [{ "api-key": "simulator-key" }, "simulator-key"],
      [{ authorization: "Bearer simulator-token" }, "simulator-token"],
      [{ authorization: "bearer simulator-key" }, "simulator-key"],
    ] as const) {
      const response = await fetch(simulator.url + V1, { method: "POST", headers: { ...headers, ...sent }, body: JSON.stringify(body) });
      expect(response.status).toBe(401);
      expect(response.headers.get("x-request-id")).toBe(credential);
      expect(response.headers.get("apim-request-id")).toBe(credential);
      expect(await response.json()).toEqual({
        error: { code: "401", message: `Access denied: the credential '${credential}' is not known here.`, param: credential },
      });
    }
    // Only a credential that is accepted gets this far.
    const refused = await post(simulator, body, { headers: { "api-key": "wrong" } });
    expect(refused.status).toBe(401);
    expect(await refused.text()).not.toContain("wrong'");
    expect(refused.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  },

  async "strict-form-booleans"(simulator) {
    const image = file(await photograph(64, 64).png().toBuffer(), "picture.png");
    const contentType = async (prompt: string, stream: string) =>
      (await postForm(simulator, form({ model: "gpt-image-1", prompt, image, stream }))).headers.get("content-type");
    const prompt = "a lake [strict-form-booleans]";
    expect(await contentType(prompt, "True")).toMatch("text/event-stream");
    expect(await contentType(prompt, "true")).toBe("application/json");
    expect(await contentType("a lake", "true")).toMatch("text/event-stream");
    expect(await contentType("a lake", "False")).toBe("application/json");
  },

  async "require-n"(simulator) {
    const path = "/providers/blackforestlabs/v1/flux-2-pro?api-version=preview";
    const body = { model: "FLUX.2-pro", prompt: "a lake [require-n]", width: 256, height: 256 };
    expect((await post(simulator, body, { path })).status).toBe(500);
    expect((await post(simulator, { ...body, n: 1 }, { path })).status).toBe(200);
  },

  async redirect(simulator) {
    const response = await post(simulator, request("a lake [redirect]"));
    expect(response.status).toBe(307);
    expect(response.headers.get("location")).toBe("/elsewhere");
  },

  async "no-cors"(simulator) {
    for (const prompt of ["a lake [no-cors]", "a lake [no-cors] [status=404]"]) {
      const response = await post(simulator, request(prompt));
      await response.arrayBuffer();
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
    }
  },

  async "expose-headers"(simulator) {
    for (const words of ["[expose-headers]", "[expose-headers] [status=429]", "[expose-headers] [json-answer]"]) {
      const response = await post(simulator, streamed(`a lake ${words}`));
      await response.arrayBuffer();
      expect(response.headers.get("access-control-expose-headers")).toBe("*");
    }
  },

  async "slow-first-byte"(simulator) {
    expect(await elapsed(post(simulator, request("a lake [slow-first-byte=400]")))).toBeGreaterThan(395);
  },

  async chunk(simulator) {
    const chunks = await chunksOnTheWire(simulator, streamed("a lake [chunk=10007]"));
    expect(chunks.length).toBeGreaterThan(100);
    expect(new Set(chunks.slice(0, -1).map((chunk) => chunk.length))).toEqual(new Set([10007]));
    expect(types(readEvents(chunks.join("")))).toEqual([...PREVIEWS, "image_generation.completed"]);
  },

  async delay(simulator) {
    const body = request("a lake [chunk=100] [delay=50] [truncate=1000]");
    expect(await elapsed(text(simulator, body))).toBeGreaterThan(450);
  },

  async "bytes-per-second"(simulator) {
    const body = request("a lake [bytes-per-second=20000] [truncate=10000]");
    expect(await elapsed(text(simulator, body))).toBeGreaterThan(450);
  },

  async truncate(simulator) {
    const timeless = async (body: object) => (await text(simulator, body)).replace(/"created_at":\d+/g, '"created_at":0');
    const whole = await timeless(streamed("a lake"));
    const previews = await timeless(streamed("a lake [truncate=before-completed]"));
    expect(previews === whole.slice(0, whole.indexOf("event: image_generation.completed"))).toBe(true);
    expect(await text(simulator, streamed("a lake [truncate=77]"))).toBe(whole.slice(0, 77));
    const half = await text(simulator, streamed("a lake [truncate]"));
    expect(half.length / whole.length).toBeCloseTo(0.5, 3);
    expect((await text(simulator, request("a lake [truncate=25%]"))).length).toBeGreaterThan(100_000);
    await expect(post(simulator, request("a lake [truncate=before-headers]"))).rejects.toThrow();
    await expect(post(simulator, request("a lake [truncate=mid-headers]"))).rejects.toThrow();
    for (const body of [request("a lake [truncate=mid-headers]"), streamed("a lake [truncate=mid-headers]")]) {
      expect((await send(simulator, body).toArray()).join("")).toMatch(PART_OF_HEAD);
    }
    expect(simulator.requests.map(({ status, aborted }) => [status, aborted])).toEqual([
      ...Array(5).fill([200, false]),
      [undefined, false],
      ...Array(3).fill([200, false]),
    ]);
    expect((await send(simulator, request("a lake [truncate=mid-headers] [status=404]")).toArray()).join("")).toMatch(
      /^HTTP\/1\.1 404 Not Found\r\n/,
    );
    expect(simulator.requests.at(-1)?.status).toBe(404);
    expect(simulator.pictures.map(({ kind }) => kind)).toEqual(["partial", "partial", "final", "partial", "partial", "partial", "partial"]);
  },

  async reset(simulator) {
    const { chunks, error } = await exchange(simulator, streamed("a lake [reset=before-completed]"));
    expect(error).toMatchObject({ code: "ECONNRESET" });
    expect(types(readEvents(Buffer.concat(chunks).toString()))).toEqual(PREVIEWS);
    const atOnce = await exchange(simulator, request("a lake [reset=before-headers]"));
    expect(atOnce).toMatchObject({ chunks: [], error: { code: "ECONNRESET" } });
    expect(await exchange(simulator, request("a lake [reset=mid-headers]"))).toMatchObject({ chunks: [], error: { code: "ECONNRESET" } });
    let received = "";
    const socket = send(simulator, request("a lake [reset=mid-headers]")).on("data", (text) => (received += text));
    expect(await once(socket, "error")).toMatchObject([{ code: "ECONNRESET" }]);
    expect(received).toMatch(PART_OF_HEAD);
    expect(simulator.requests.map(({ status, aborted }) => [status, aborted])).toEqual([
      [200, false],
      [undefined, false],
      [200, false],
      [200, false],
    ]);
  },

  async stall(simulator) {
    await stalls(simulator, streamed("a lake [stall]"), PREVIEWS.slice(1));
    simulator.reset();
    await stalls(simulator, streamed("a lake [stall=before-completed]"), PREVIEWS);
    simulator.reset();
    const abort = new AbortController();
    const response = post(simulator, request("a lake [stall=before-headers]"), { signal: abort.signal });
    await expect.poll(() => simulator.activeRequests).toBe(1);
    await another(simulator);
    abort.abort();
    // Had it answered, this would have come too late.
    await expect(response).rejects.toThrow();
    await expect.poll(() => simulator.activeRequests).toBe(0);
    simulator.reset();
    let received = "";
    const socket = send(simulator, request("a lake [stall=mid-headers]")).on("data", (text) => (received += text));
    await expect.poll(() => received).toMatch(PART_OF_HEAD);
    await another(simulator);
    expect(received).toMatch(PART_OF_HEAD);
    expect(simulator.activeRequests).toBe(1);
    expect(simulator.requests[0]).toMatchObject({ status: 200, aborted: false });
    socket.destroy();
    await simulator.requests[0]?.closed;
    await expect.poll(() => simulator.activeRequests).toBe(0);
    expect(simulator.requests[0]).toMatchObject({ status: 200, aborted: true });
  },

  async "json-answer"(simulator) {
    const response = await post(simulator, streamed("a lake [json-answer]"));
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toMatchObject({ data: [{ b64_json: expect.any(String) }] });
  },

  async "wrong-type"(simulator) {
    const stream = await post(simulator, streamed("a lake [wrong-type]"));
    expect(stream.headers.get("content-type")).toBe("application/json");
    expect(types(readEvents(await stream.text()))).toHaveLength(3);
    const document = await post(simulator, request("a lake [wrong-type]"));
    expect(document.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await document.json()).toMatchObject({ data: [{}] });
  },

  async html(simulator) {
    const response = await post(simulator, request("a lake [html]"));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
  },

  async "data-only"(simulator) {
    const stream = await events(simulator, streamed("a lake [data-only]"));
    expect(stream.map(({ name }) => name)).toEqual([undefined, undefined, undefined]);
  },

  async crlf(simulator) {
    const received = await text(simulator, streamed("a lake [crlf]"));
    expect(received.match(/\r\n/g)).toHaveLength(9);
    expect(received.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  },

  async cr(simulator) {
    const received = await text(simulator, streamed("a lake [cr]"));
    expect(received.match(/\r/g)).toHaveLength(9);
    expect(received).not.toContain("\n");
  },

  async comments(simulator) {
    expect((await text(simulator, streamed("a lake [comments]"))).match(/^: keep-alive\n\n/gm)).toHaveLength(3);
  },

  async bom(simulator) {
    for (const body of [request("a lake [bom]"), streamed("a lake [bom]")]) {
      const bytes = Buffer.from(await (await post(simulator, body)).arrayBuffer());
      expect(bytes.subarray(0, 3).toString("hex")).toBe("efbbbf");
    }
  },

  async "done-marker"(simulator) {
    expect(await text(simulator, streamed("a lake [done-marker]"))).toMatch(/\n\ndata: \[DONE\]\n\n$/);
  },

  async "no-completed"(simulator) {
    expect(types(await events(simulator, streamed("a lake [no-completed]")))).toEqual(PREVIEWS);
  },

  async "preview-after-completed"(simulator) {
    const stream = await events(simulator, streamed("a lake [preview-after-completed]"));
    expect(types(stream)).toEqual([...PREVIEWS, "image_generation.completed", PREVIEWS[0]]);
    expect(stream[3]?.data["b64_json"]).toBe(stream[1]?.data["b64_json"]);
  },

  async "malformed-json"(simulator) {
    const document = await text(simulator, request("a lake [malformed-json]"));
    expect(() => JSON.parse(document)).toThrow(SyntaxError);
    const blocks = (await text(simulator, streamed("a lake [malformed-json]"))).split("\n\n");
    expect(readEvents(blocks.slice(0, 2).join("\n\n"))).toHaveLength(2);
    expect(() => readEvents(blocks[2] ?? "")).toThrow(SyntaxError);
  },

  async shuffled(simulator) {
    const received = await text(simulator, request("a lake [shuffled]"));
    expect(Object.keys(JSON.parse(received))).toEqual(["usage", "data", "size", "quality", "output_format", "background", "created"]);
    expect(received).toMatch(/\s:\s/);
    const stream = await events(simulator, streamed("a lake [shuffled]"));
    expect(Object.keys(stream[2]?.data ?? {}).slice(-2)).toEqual(["b64_json", "type"]);
  },

  async decoy(simulator) {
    const document = await json(simulator, request("a lake [decoy]"));
    expect(document.trace.b64_json).toBe("bm90IGEgcGljdHVyZQ==");
    expect(document.data[0].trace.note).toContain('"b64_json":"');
    expect(simulator.pictures[0]?.sha256).toBe(sha256(document.data[0].b64_json));
    expect((await events(simulator, streamed("a lake [decoy]")))[2]?.data).toMatchObject({ trace: {}, b64_json_preview: expect.any(String) });
  },

  async minimal(simulator) {
    const document = await json(simulator, request("a lake [minimal]"));
    expect(Object.keys(document)).toEqual(["created", "data"]);
    expect(Object.keys(document.data[0])).toEqual(["b64_json"]);
    const stream = await events(simulator, streamed("a lake [minimal]"));
    expect(stream.map(({ data }) => Object.keys(data))).toEqual([
      ["type", "partial_image_index", "b64_json"],
      ["type", "partial_image_index", "b64_json"],
      ["type", "b64_json"],
    ]);
  },

  async escaped(simulator) {
    const received = await text(simulator, request("a lake [escaped]"));
    expect(received).toContain("\\/");
    expect(received).toContain("\\u002B");
    expect(simulator.pictures[0]?.sha256).toBe(sha256(JSON.parse(received).data[0].b64_json));
  },

  async "malformed-base64"(simulator) {
    const document = await json(simulator, request("a lake [malformed-base64]"));
    expect(document.data[0].b64_json).toMatch(/[A-Za-z0-9+/]!\*~\?[A-Za-z0-9+/]/);
    const stream = await events(simulator, streamed("a lake [malformed-base64]"));
    expect(stream.map(({ data }) => data["b64_json"].includes("!*~?"))).toEqual([false, false, true]);
    expect(simulator.pictures.map(({ kind }) => kind)).toEqual(["partial", "partial"]);
  },

  async "half-quad"(simulator) {
    const document = await json(simulator, request("a lake [half-quad]"));
    expect(document.data[0].b64_json.length % 4).toBe(1);
  },

  async fewer(simulator) {
    expect((await json(simulator, request("a lake [fewer]", { n: 3 }))).data).toHaveLength(2);
  },

  async "partially-filtered"(simulator) {
    const { data } = await json(simulator, request("a lake [partially-filtered]", { n: 2 }));
    expect(data).toMatchObject([{ b64_json: expect.any(String) }, { content_filter_results: { violence: { filtered: true } } }]);
    expect(data[1]).not.toHaveProperty("b64_json");
  },

  async "no-image"(simulator) {
    expect((await json(simulator, request("a lake [no-image]"))).data).toEqual([]);
    const stream = await events(simulator, streamed("a lake [no-image]"));
    expect(types(stream)).toEqual([...PREVIEWS, "image_generation.completed"]);
    expect(stream[2]?.data).not.toHaveProperty("b64_json");
  },

  async noise(simulator) {
    const startedAt = performance.now();
    const { data } = await json(simulator, { model: "gpt-image-2", prompt: "[noise]a", size: "3840x2160" });
    const picture = Buffer.from(data[0].b64_json, "base64");
    expect(picture.length).toBeGreaterThan(24_000_000);
    expect(await sharp(picture).metadata()).toMatchObject({ format: "png", width: 3840, height: 2160 });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(simulator.pictures[0]?.sha256).toBe(sha256(data[0].b64_json));
  },
};

for (const { name } of scenarioWords) {
  test(`[${name}]`, { tag: "@nightly" }, async ({ simulator }) => {
    expect(proofs).toHaveProperty([name]);
    await proofs[name]?.(simulator);
  });
}

test.describe("the grammar", () => {
  test("reads words behind the name of a deployment, on both routes", async ({ simulator }) => {
    const body = { prompt: "a lake", stream: true, partial_images: 2 };
    const deployment = "my-pictures--truncate-before-completed--comments--chunk-16384";
    for (const response of [
      await post(simulator, { ...body, model: deployment }),
      await post(simulator, body, { path: classic(deployment) }),
      await post(simulator, body, { path: classic("my-pictures--truncate-50%--comments") }),
    ]) {
      expect(response.status).toBe(200);
      expect(await response.text()).toMatch(/^: keep-alive\n\nevent: /);
    }
    expect(simulator.pictures).toHaveLength(6);
    expect((await post(simulator, { prompt: "a lake", model: "gpt-image-1--error-429-rate-limit-reached" })).status).toBe(429);
  });

  test("takes the base model with a scenario in the body of a classic request", async ({ simulator }) => {
    const model = "gpt-image-1--shuffled";
    expect((await post(simulator, { prompt: "a lake", model }, { path: classic(model) })).status).toBe(200);
  });

  test("refuses an unknown word in the name of a deployment", async ({ simulator }) => {
    for (const [model, message] of [
      ["gpt-image-1--stahl", /no scenario 'stahl'.*Did you mean 'stall'\?/],
      ["gpt-image-1--staus-429", /no scenario 'staus-429'.*Did you mean 'status'\?/],
      ["gpt-image-1--no-cors--tiemout", /Did you mean 'stall'\?/],
      ["gpt-image-1--pictures-of-cats", /'pictures' takes a whole number/],
      ["gpt-image-1--zzzzzzzz", /no scenario 'zzzzzzzz'; the words are .*\bstall\b.*-- begins a scenario/],
    ] as const) {
      const response = await post(simulator, request("a lake", { model }));
      expect(response.status, model).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: "simulator_scenario", message: expect.stringMatching(message) } });
    }
  });

  test("leaves other brackets in the prompt", async ({ simulator }) => {
    const response = await post(simulator, { model: "dall-e-3", prompt: "a [red] lake [chunk=100] with [a boat]" });
    expect(await response.json()).toMatchObject({ data: [{ revised_prompt: expect.stringMatching(/^a \[red\] lake with \[a boat\], /) }] });
    expect(simulator.requests[0]?.scenario).toEqual(["chunk"]);
    for (const text of [
      ...["sic", "red", "tall", "small", "still", "rest", "comment", "nose", "newer", "decay", "shuffle", "box", "bow", "a boat", "error bars"],
      ...["x=1", "y = 2 x + 1", "caption = the red fox", "", " ", "=", "chunk of ice", "times square", "status quo", "42", "[[]]", "Überraschung"],
    ]) {
      const prompt = `a lake [${text}]`;
      const answer = await post(simulator, { model: "dall-e-3", prompt });
      expect(answer.status, text).toBe(200);
      expect((await answer.json()).data[0].revised_prompt, text).toContain(prompt);
      expect(simulator.requests.at(-1)?.scenario, text).toEqual([]);
    }
  });

  test("takes words in any case and with spaces", async ({ simulator }) => {
    for (const prompt of ["[ status=429 ]", "[status = 429]", "[Status=429]", "a lake\n[STATUS=429][times=1]"]) {
      expect((await post(simulator, request(prompt))).status, prompt).toBe(429);
    }
    expect(simulator.requests.at(-1)?.scenario).toEqual(["status", "times"]);
  });

  test("refuses a misspelled word, and names the right one", async ({ simulator }) => {
    for (const [word, similar] of [
      ["staus=429", "status"],
      ["staus = 429", "status"],
      ["retry_after=1", "retry-after"],
      ["retryafter=1", "retry-after"],
      ["tiemout", "stall"],
      ["timeout", "stall"],
      ["timeout=5", "stall"],
      ["rate-limit", "status=429"],
      ["stal", "stall"],
      ["satll", "stall"],
      ["resett", "reset"],
      ["trucate", "truncate"],
      ["moderatoin", "moderation"],
      ["contentfilter", "content-filter"],
      ["content_filter", "content-filter"],
      ["content filter", "content-filter"],
      ["no-corss", "no-cors"],
      ["nocors", "no-cors"],
      ["status 429", "status=429"],
      ["status: 429", "status=429"],
      ["status-429", "status=429"],
      ["slow-first-byte-500", "slow-first-byte=500"],
      ["stall-before-completed", "stall=before-completed"],
    ] as const) {
      const response = await post(simulator, request(`a lake [${word}]`));
      expect(response.status, word).toBe(400);
      const { error } = await response.json();
      expect(error.code, word).toBe("simulator_scenario");
      expect(error.message, word).toContain(`Did you mean '${similar}'?`);
      expect(error.message, word).toContain("without brackets");
    }
    const unlike = await post(simulator, request("a lake [weather=sunny]"));
    expect(await unlike.json()).toMatchObject({
      error: { message: expect.stringMatching(/no scenario 'weather'; the words are status, .*without brackets/) },
    });
  });

  test("says what a value should be", async ({ simulator }) => {
    for (const [prompt, message] of [
      ["[chunk=many] a", /'chunk' takes a whole number above 0, not 'many'/],
      ["[chunk] a", /'chunk' takes/],
      ["[status=418] a", /'status' takes one of 400/],
      ["[stall=here] a", /'stall' takes N%/],
      ["[crlf=1] a", /'crlf' takes no value/],
      ["[delay = abc] a", /'delay' takes a whole number of milliseconds from 1 to 2147483647, the longest delay of a timer, not 'abc'/],
      ["[delay=2147483648] a", /'delay' takes .* not '2147483648'/],
      ["[delay=1000000000000] a", /'delay' takes .* not '1000000000000'/],
      ["[delay=1e12] a", /'delay' takes .* not '1e12'/],
      [`[slow-first-byte=${"9".repeat(400)}] a`, /'slow-first-byte' takes .* not '9{80}…'/],
      ["[retry-after=2147484] a", /'retry-after' takes a number of seconds from 0 to 2147483/],
      ["[times=99999999999999999999] a", /'times' takes a whole number above 0/],
      ["[pictures=1000000000] a", /'pictures' takes a whole number from 1 to 100/],
    ] as const) {
      const response = await post(simulator, request(prompt));
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: "simulator_scenario", message: expect.stringMatching(message) } });
    }
  });
});
