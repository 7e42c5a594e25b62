// What can go wrong on the way, over real sockets: a server that does what no simulator of a service would. What the service itself
// gets wrong, and where an answer may be cut, is in judgement.spec.ts and cut.spec.ts; what lasts too long, in timeouts.spec.ts.

import { createServer, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import { createBrotliCompress, createGzip, gzipSync, type BrotliCompress, type Gzip } from "node:zlib";
import type { AzureImageErrorCode, ClientOptions, GenerateResult } from "../../js/index.js";
import type { EngineName } from "./engines/start.js";
import { expect, test as base } from "./fixtures.js";
import { MEBIBYTE } from "./held.js";
import { EVENTS, sample, STREAM } from "./samples.js";
import { listen } from "../ports.js";

const [PREVIEW = ""] = EVENTS;
const COMPLETED = EVENTS.at(-1) ?? "";
const { b64_json: PICTURE } = JSON.parse(COMPLETED.slice(COMPLETED.indexOf("{"))) as { b64_json: string };
const JSON_ANSWER = JSON.stringify({ created: 1, data: [{ b64_json: PICTURE }] });
/** Where a stream is cut: behind its first preview, within what follows. */
const HALF = STREAM.slice(0, PREVIEW.length + 40);

/** A completed event with more members, or others. */
const completed = (members: object) =>
  `data: ${JSON.stringify({ type: "image_generation.completed", b64_json: PICTURE, output_format: "png", ...members })}\n\n`;

/** The head of an answer, for what Node would not send. */
const head = (...lines: string[]) =>
  ["HTTP/1.1 200 OK", "access-control-allow-origin: *", "content-type: text/event-stream", ...lines, "", ""].join("\r\n");

/** Sends what may be no HTTP at all, and then nothing more. */
const raw =
  (...texts: string[]) =>
  ({ socket }: ServerResponse) =>
    void socket?.end(texts.join(""));

const whole =
  (body: string | Buffer, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(200, headers).end(body);

/** Sends parts no faster than they are read, for as long as somebody reads. */
const parts =
  (make: () => Iterable<string> | AsyncIterable<string>, through?: () => Gzip) =>
  (response: ServerResponse): Promise<void> => {
    if (through) response.setHeader("content-encoding", "gzip");
    return pipeline([Readable.from(make()), ...(through ? [through()] : []), response]).catch(() => {});
  };

function* repeated(text: string, times: number): Generator<string> {
  for (let made = 0; made < times; made += 1) yield text;
}

/** Each byte in a write of its own, and a turn of the server's loop between them. */
async function* slowly(text: string): AsyncGenerator<string> {
  for (const byte of text) {
    yield byte;
    await setImmediate();
  }
}

/** Sends event by event through a compression; what comes behind the first waits until the page has seen that. */
const compressed = (encoding: string, make: () => Gzip | BrotliCompress) => async (response: ServerResponse, seen: Promise<void>) => {
  response.writeHead(200, { "content-encoding": encoding });
  const compression = make();
  compression.pipe(response);
  for (const event of EVENTS) {
    compression.write(event);
    await new Promise<void>((resolve) => compression.flush(resolve));
    await seen;
  }
  compression.end();
};

/** Sends the beginning of a stream and, once the page has seen the preview in it, resets the connection. */
const reset = (beginning: string) => async (response: ServerResponse, seen: Promise<void>) => {
  response.write(beginning);
  await seen;
  response.socket?.resetAndDestroy();
};

/** Sends the beginning of a stream, and nothing more. */
const silence = (beginning: string) => (response: ServerResponse) => void response.write(beginning);

type Limits = Pick<ClientOptions, "timeoutInMs" | "idleTimeoutInMs" | "totalTimeoutInMs" | "maxNesting">;

/** How the page asks. */
type Way = "at once" | "by a stream" | "for a response" | "for a response at once" | "for an edit" | "for an edit at once";

/** One picture of this type, or an error. */
type End = "image/png" | "image/jpeg" | "application/octet-stream" | AzureImageErrorCode;

interface Fault {
  /** What the server does with the request. `seen`: the page has been given a preview. */
  serve(response: ServerResponse, seen: Promise<void>): void | Promise<void>;
  /** By a stream, if not set. */
  way?: Way;
  options?: Limits;
  ends: End;
  /** How it ends in a browser that takes something else for the end of a body, or for its content. */
  endsIn?: Partial<Record<EngineName, End>>;
  /** What the error says. */
  says?: RegExp;
  status?: number;
  billed?: "no" | "yes";
  partialImages?: number;
  /** Why a browser cannot show it. */
  notIn?: Partial<Record<EngineName, string>>;
  /** Most memory of WebAssembly behind it, in MiB, where it is not 4. */
  memory?: number;
}

/** A response with a picture, and its half. */
const RESPONSE = JSON.stringify({
  ...{ id: "resp_1", object: "response", status: "completed" },
  output: [{ type: "image_generation_call", id: "ig_1", status: "completed", result: PICTURE }],
});
/** A real stream of one as far as its first preview. */
const [PREVIEW_OF_RESPONSE = ""] = /^.*?partial_image\n.*?\n\n/s.exec(await sample("responses/stream.completed.sse")) ?? [];
const HALF_OF_RESPONSE = RESPONSE.slice(0, RESPONSE.length / 2);

/** More than `maxImageBytes` allows. */
const HUGE = (): Generator<string> => repeated("A".repeat(MEBIBYTE), Math.ceil((200_000_000 / 3) * (4 / MEBIBYTE)));

/** WebKitGTK takes it for the end of the body. */
const CUT = { ends: "connection", endsIn: { webkit: "stream_truncated" } } as const;
const SPACE = " ".repeat(MEBIBYTE);

const FAULTS: Record<string, Fault> = {
  // Ends.
  "closes before it answers": { serve: raw(), ends: "connection" },
  "closes its half in the middle of a body without a length": {
    serve: raw(head("connection: close"), HALF),
    ends: "stream_truncated",
    partialImages: 1,
  },
  "closes its half in the middle of a chunk": { serve: raw(head("transfer-encoding: chunked"), "1000\r\n", HALF), ends: "connection" },
  "closes its half between two chunks": {
    serve: raw(head("transfer-encoding: chunked"), `${PREVIEW.length.toString(16)}\r\n${PREVIEW}\r\n`),
    ...CUT,
  },
  "resets the connection before it answers": { serve: ({ socket }) => void socket?.resetAndDestroy(), ends: "connection" },
  "resets the connection behind a preview": { serve: reset(PREVIEW), ends: "connection", partialImages: 1 },
  "resets the connection behind a preview of a response": {
    serve: reset(PREVIEW_OF_RESPONSE),
    way: "for a response",
    ends: "connection",
    partialImages: 1,
  },
  // Silence.
  "does not begin to answer": { serve: () => {}, options: { timeoutInMs: 1000 }, ends: "timeout", says: /\(timeoutInMs\)/ },
  "falls silent behind a preview": {
    serve: silence(PREVIEW),
    options: { idleTimeoutInMs: 1000 },
    ends: "timeout",
    says: /\(idleTimeoutInMs\)/,
    partialImages: 1,
  },
  "falls silent behind a preview of a response": {
    serve: silence(PREVIEW_OF_RESPONSE),
    way: "for a response",
    options: { idleTimeoutInMs: 1000 },
    ends: "timeout",
    says: /\(idleTimeoutInMs\)/,
    partialImages: 1,
  },
  // Lengths.
  "promises more than it sends": { serve: raw(head(`content-length: ${STREAM.length}`), HALF), ends: "connection" },
  "promises less than it sends": { serve: raw(head(`content-length: ${HALF.length}`), STREAM), ends: "stream_truncated", partialImages: 1 },
  "promises nothing, and sends": { serve: raw(head("content-length: 0"), STREAM), ends: "stream_truncated" },
  "promises two lengths": { serve: raw(head("content-length: 10", "content-length: 2000"), HALF), ends: "connection" },
  "gives a chunk a length that is no number": { serve: raw(head("transfer-encoding: chunked"), `long\r\n${STREAM}`), ...CUT },
  "answers without content": { serve: (response) => void response.writeHead(204).end(), ends: "no_image" },
  // What is no HTTP, or too much of it.
  "speaks another protocol": { serve: raw("220 mail.example ESMTP\r\n"), ends: "connection" },
  "sends a megabyte of headers": { serve: raw(head(...Array(16).fill(`x-long: ${"x".repeat(65_536)}`)), STREAM), ends: "connection" },
  "sends other answers before the answer": {
    serve: raw("HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nlink: </a.js>; rel=preload\r\n\r\n", head("connection: close"), STREAM),
    ends: "image/png",
    partialImages: 2,
  },
  "sends byte by byte": {
    serve: parts(() => slowly(STREAM)),
    ends: "image/png",
    partialImages: 2,
  },
  "sends all at once": { serve: whole(STREAM), ends: "image/png", partialImages: 2 },
  // Of other answers.
  "closes its half in the middle of a response at once": {
    serve: raw(head("connection: close"), HALF_OF_RESPONSE),
    way: "for a response at once",
    ends: "stream_truncated",
  },
  "promises more of a response at once than it sends": {
    serve: raw(head(`content-length: ${RESPONSE.length}`), HALF_OF_RESPONSE),
    way: "for a response at once",
    ends: "connection",
  },
  "closes its half in the middle of the stream of an edit": {
    serve: raw(head("connection: close"), HALF),
    way: "for an edit",
    ends: "stream_truncated",
    partialImages: 1,
  },
  "promises more of an edit at once than it sends": {
    serve: raw(head(`content-length: ${JSON_ANSWER.length}`), JSON_ANSWER.slice(0, JSON_ANSWER.length / 2)),
    way: "for an edit at once",
    ends: "connection",
  },
  // Compression.
  "compresses by gzip": { serve: compressed("gzip", createGzip), ends: "image/png", partialImages: 2 },
  "compresses by brotli": { serve: compressed("br", createBrotliCompress), ends: "image/png", partialImages: 2 },
  "compresses the stream of an edit": { serve: compressed("gzip", createGzip), way: "for an edit", ends: "image/png", partialImages: 2 },
  "compresses a response at once": {
    serve: whole(gzipSync(RESPONSE), { "content-encoding": "gzip" }),
    way: "for a response at once",
    ends: "image/png",
  },
  "compresses an answer at once": { serve: whole(gzipSync(JSON_ANSWER), { "content-encoding": "gzip" }), way: "at once", ends: "image/png" },
  "cuts a compressed body": { serve: whole(gzipSync(STREAM).subarray(0, 300), { "content-encoding": "gzip" }), ends: "stream_truncated" },
  "damages a compressed body": {
    serve: whole(gzipSync(STREAM).fill(0xff, 200, 300), { "content-encoding": "gzip" }),
    ends: "connection",
    // It reads an empty body.
    endsIn: { webkit: "no_image" },
  },
  "names a compression that is none": {
    serve: whole(STREAM, { "content-encoding": "gzip" }),
    ends: "connection",
    // It reads it as it is.
    endsIn: { webkit: "image/png" },
  },
  "compresses 64 MiB of white space": {
    serve: parts(function* () {
      yield* repeated(SPACE, 64);
      yield STREAM;
    }, createGzip),
    ends: "image/png",
    partialImages: 2,
  },
  // Too much.
  "sends 5 MiB of white space before a stream": { serve: whole("\n".repeat(5 * MEBIBYTE) + STREAM), ends: "image/png", partialImages: 2 },
  "sends 5 MiB of white space between events": {
    serve: whole(PREVIEW + "\n".repeat(5 * MEBIBYTE) + COMPLETED),
    ends: "image/png",
    partialImages: 1,
  },
  "sends 5 MiB of white space within an event": {
    serve: whole(PREVIEW + COMPLETED.replace("{", `{${SPACE.repeat(5)}`)),
    ends: "image/png",
    partialImages: 1,
  },
  "sends 5 MiB of white space before and within an answer at once": {
    serve: whole(SPACE.repeat(5) + JSON_ANSWER.replace("{", `{${SPACE.repeat(5)}`)),
    way: "at once",
    ends: "image/png",
  },
  "sends 100,000 comments": { serve: whole(PREVIEW + ":\n\n".repeat(100_000) + COMPLETED), ends: "image/png", partialImages: 1 },
  "sends 100,000 events that are not known": {
    serve: whole(PREVIEW + 'event: a\ndata: {"type":"b"}\n\n'.repeat(100_000) + COMPLETED),
    ends: "image/png",
    partialImages: 1,
  },
  "sends 100,000 previews": {
    serve: whole('data: {"type":"image_generation.partial_image","b64_json":"AAAA"}\n\n'.repeat(100_000) + COMPLETED),
    ends: "too_large",
    says: /more than \d+ images/,
  },
  "sends 100,000 pieces of text": {
    serve: whole(
      'data: {"type":"response.output_text.delta","delta":"a"}\n\n'.repeat(100_000) +
        'data: {"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[{"type":"image_generation_call","id":"ig_1",' +
        `"status":"completed","result":"${PICTURE}"}]}}\n\n`,
    ),
    way: "for a response",
    ends: "image/png",
  },
  "sends a text without end": {
    serve: parts(() => repeated(`data: {"type":"response.output_text.delta","delta":"${"a".repeat(900_000)}"}\n\n`, 100)),
    way: "for a response",
    ends: "too_large",
    says: /has more than \d+ bytes\. Raise maxEventBytes/,
    memory: 12,
  },
  "sends calls with ids of 900 kB": {
    serve: parts(() =>
      repeated(`data: {"type":"response.image_generation_call.in_progress","item_id":"${"i".repeat(900_000)}","output_index":0}\n\n`, 100),
    ),
    way: "for a response",
    ends: "too_large",
    says: /an id, a name or a status of more than \d+ bytes/,
    memory: 8,
  },
  "sends 100,000 pictures": {
    serve: whole(
      Array.from(
        { length: 100_000 },
        (_, index) =>
          `data: {"type":"response.output_item.done","output_index":${index},"item":{"type":"image_generation_call","id":"ig_${index}","result":"AAAA"}}\n\n`,
      ).join(""),
    ),
    way: "for a response",
    ends: "too_large",
    says: /more than \d+ calls of tools/,
    billed: "yes",
  },
  "nests an event 10,000 deep": {
    serve: whole(PREVIEW + completed({ usage: null }).replace("null", "[".repeat(10_000) + "]".repeat(10_000))),
    ends: "too_large",
    says: /maxNesting/,
    billed: "yes",
    partialImages: 1,
  },
  "nests an answer at once 10,000 deep": {
    serve: whole(`{"data":${"[".repeat(10_000)}${"]".repeat(10_000)}}`),
    way: "at once",
    ends: "too_large",
    says: /maxNesting/,
  },
  "nests an answer at once as deep as may be allowed": {
    serve: whole(`{"data":${"[".repeat(999)}${"]".repeat(999)}}`),
    way: "at once",
    options: { maxNesting: 1000 },
    ends: "no_image",
  },
  "nests an error 10,000 deep": {
    serve: (response) => void response.writeHead(400).end(`{"error":${'{"error":'.repeat(10_000)}{}${"}".repeat(10_001)}`),
    ends: "invalid_request",
    status: 400,
    billed: "no",
  },
  "sends 5 MiB of an error": {
    serve: (response) => void response.writeHead(400).end(`{"error":{"message":"${"x".repeat(5 * MEBIBYTE)}"}}`),
    ends: "invalid_request",
    status: 400,
    billed: "no",
    memory: 5,
  },
  "sends a text of 2 MiB beside the picture": {
    serve: whole(PREVIEW + completed({ revised_prompt: SPACE.repeat(2) })),
    ends: "too_large",
    says: /maxEventBytes/,
    billed: "yes",
    partialImages: 1,
    // What may be kept of an event, twice while it is made longer.
    memory: 8,
  },
  "sends a picture of 200 MB": {
    serve: parts(function* () {
      yield `${PREVIEW}data: {"type":"image_generation.completed","b64_json":"`;
      yield* HUGE();
      yield '"}\n\n';
    }),
    ends: "too_large",
    says: /larger than maxImageBytes/,
    partialImages: 1,
  },
  "sends a response at once with a picture of 200 MB": {
    serve: parts(function* () {
      const [before = "", behind = ""] = RESPONSE.split(PICTURE);
      yield before;
      yield* HUGE();
      yield behind;
    }),
    way: "for a response at once",
    ends: "too_large",
    says: /larger than maxImageBytes/,
  },
  "never ends": {
    serve: parts(() => repeated("\n".repeat(65_536), Number.POSITIVE_INFINITY)),
    options: { totalTimeoutInMs: 500 },
    ends: "timeout",
    says: /totalTimeout/,
    notIn: { webkit: "It is still busy with what came when the next call begins." },
  },
  // What is said twice, is not known, or is not so.
  "sends each event twice": { serve: whole(EVENTS.map((event) => event + event).join("")), ends: "image/png", partialImages: 4 },
  "sends the picture before the previews": { serve: whole(COMPLETED + STREAM), ends: "image/png" },
  "sends events, fields and members that are not known": {
    serve: whole(
      EVENTS.map((event) => `id: 7\nretry: 1\nmood: good\nevent: ping\ndata: {"type":"ping"}\n\n${event.replace("{", '{"mood":[{}],')}`).join(""),
    ),
    ends: "image/png",
    partialImages: 2,
  },
  "calls a JPEG a PNG": { serve: whole(completed({ b64_json: "/9j/wAARCAAZACgDASIAAhEBAxEB" })), ends: "image/jpeg" },
  "calls a text a PNG": { serve: whole(completed({ b64_json: btoa("no picture") })), ends: "application/octet-stream" },
  "calls a stream a picture": { serve: whole(STREAM, { "content-type": "image/png" }), ends: "image/png", partialImages: 2 },
};

interface FaultServer {
  origin: string;
  /** What becomes of the next request; those behind it are answered well. */
  serve: Fault["serve"] | undefined;
  posts: number;
  connections(): Promise<number>;
}

const test = base.extend<object, { faults: FaultServer }>({
  faults: [
    async ({}, use) => {
      let show: () => void = () => {};
      const faults: FaultServer = {
        origin: "",
        serve: undefined,
        posts: 0,
        connections: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
      };
      const server = createServer((request, response) => {
        response.setHeaders(
          new Map([
            ["access-control-allow-origin", "*"],
            ["access-control-allow-headers", "api-key, content-type, x-ms-oai-image-generation-deployment"],
            // Over a connection that has served before a browser may repeat a POST.
            ["connection", "close"],
          ]),
        );
        // A page that goes away is no fault of the server's.
        response.on("error", () => {});
        if (request.url === "/seen") show();
        if (request.method !== "POST") return void response.end();
        const serve = faults.serve ?? whole(JSON_ANSWER);
        faults.serve = undefined;
        faults.posts += 1;
        const seen = new Promise<void>((resolve) => {
          show = resolve;
        });
        request.resume().on("end", () => void serve(response, seen));
      });
      faults.origin = `http://127.0.0.1:${await listen(server)}`;
      await use(faults);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    { scope: "worker" },
  ],
});

/** Makes a call within the page, and another behind it; tells how both ended, and what there is then. */
async function suffer({ endpoint, way, options, picture }: { endpoint: string; way: Way; options: Limits; picture: string }) {
  const client = new azure.AzureImageClient(endpoint, { key: "a-key" }, { deployment: "gpt-image-1", ...options });
  await azure.init();
  const stopWatching = await helpers.watchHeap();
  const call = async () => {
    const image = new Blob([Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0))], { type: "image/png" });
    const response = { model: "gpt-4.1", input: "Draw" };
    const atOnce = {
      "at once": () => client.generate({ prompt: "a lake" }),
      "for an edit at once": () => client.edit({ prompt: "a lake", image }),
      "for a response at once": () => client.responses.create(response) as Promise<unknown> as Promise<GenerateResult>,
    };
    if (way in atOnce) return { partialImages: 0, outcome: await helpers.outcome(atOnce[way as keyof typeof atOnce]()) };
    const stream =
      way === "by a stream"
        ? client.generateStream({ prompt: "a lake", partialImages: 2 })
        : way === "for an edit"
          ? client.editStream({ prompt: "a lake", image, partialImages: 2 })
          : client.responses.stream(response);
    let partialImages = 0;
    try {
      for await (const { type } of stream) {
        if (type !== "partialImage") continue;
        partialImages += 1;
        if (partialImages === 1) await fetch(`${endpoint}/seen`);
      }
    } catch {
      // As result() does.
    }
    return { partialImages, outcome: await helpers.outcome(stream.result() as Promise<GenerateResult>) };
  };
  const first = await call();
  const aftermath = await helpers.aftermath(client);
  return { ...first, ...aftermath, heap: await stopWatching() };
}

for (const [
  what,
  { serve, way = "by a stream", options = {}, ends, endsIn, says, status, billed = "unknown", partialImages, notIn, memory = 4 },
] of Object.entries(FAULTS)) {
  test(`a server that ${what}: ${ends}, in little memory, and the next call works`, { tag: "@nightly" }, async ({ page, faults, engine }) => {
    test.skip(engine in (notIn ?? {}), notIn?.[engine]);
    const end = endsIn?.[engine] ?? ends;
    Object.assign(faults, { serve, posts: 0 });
    const report = await page.evaluate(suffer, { endpoint: faults.origin, way, options, picture: PICTURE });
    const { ok, error } = report.outcome;
    if (end.includes("/")) {
      expect(error?.message).toBeUndefined();
      expect(ok?.images).toMatchObject([{ mediaType: end, blobType: end }]);
    } else {
      expect(error).toMatchObject({ isAzureImageError: true, code: end, billed, ...(status && { status }) });
      // It ends in what to do, and is short whatever came.
      expect(error?.message).toMatch(/\. \S.*\.$/s);
      expect(error?.message.length).toBeLessThan(2000);
      if (says) expect(error?.message).toMatch(says);
    }
    if (partialImages !== undefined) expect(report.partialImages).toBe(partialImages);
    // Nothing was sent twice.
    expect(report).toMatchObject({ next: 1, urls: 0 });
    expect(faults.posts).toBe(2);
    expect(report.memory).toBeLessThanOrEqual(memory * MEBIBYTE);
    // What is no garbage while a body is read, and what is left behind the call. Of the bytes of pictures, Blobs hold all.
    if (engine === "chromium") {
      expect(report.heap?.before).toBeGreaterThan(0);
      expect(report.heap?.most).toBeLessThan(12 * MEBIBYTE);
      expect(report.heap?.left).toBeLessThan(MEBIBYTE);
    } else expect(report.heap, "other browsers do not tell of the heap").toBeUndefined();
    await expect.poll(() => faults.connections()).toBe(0);
  });
}
`}`;
