import { createHash } from "node:crypto";
import { exchanges, expect, test } from "./fixtures.js";
import type { ImageInput, Progress } from "../../js/index.js";

const sha256 = (text: string | Buffer) => createHash("sha256").update(text).digest("hex");

for (const [where, path, options, route, query] of [
  ["a resource", "", {}, "/openai/v1/files", { "api-version": "preview" }],
  ["a project", "/api/projects/demo", {}, "/api/projects/demo/openai/v1/files", {}],
  [
    "a project with the routes of a date",
    "/api/projects/demo",
    { apiVersion: "2025-11-15-preview" },
    "/api/projects/demo/openai/files",
    { "api-version": "2025-11-15-preview" },
  ],
] as const) {
  test(`a file is uploaded, found, listed and deleted on ${where}`, { tag: "@browser" }, async ({ page, simulator }) => {
    const report = await page.evaluate(
      async ({ endpoint, options }) => {
        const { files } = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, options);
        const stages: string[] = [];
        const onProgress = ({ stage, partialImages, images }: Progress) => {
          if (stages.at(-1) !== stage) stages.push(stage);
          if (partialImages !== 0 || images !== 0) stages.push("pictures?");
        };
        const made = await files.upload(new File(["the words"], 'notes "é".txt', { type: "text/plain" }), { onProgress });
        const found = await files.get(made.id);
        const listed = [];
        for await (const { id } of files.list()) listed.push(id);
        const deleted = await files.delete(made.id);
        return { made, found, listed, deleted, stages, gone: await helpers.settled(() => files.delete(made.id)) };
      },
      { endpoint: `${simulator.url}${path}`, options },
    );
    const { made, found, listed, deleted, stages, gone } = report;
    expect(made).toEqual({
      id: expect.stringMatching(/^file-/),
      object: "file",
      bytes: 9,
      createdOn: expect.any(Date),
      fileName: 'notes "é".txt',
      purpose: "assistants",
      status: "processed",
    });
    expect(found).toEqual(made);
    expect(listed).toEqual([made.id]);
    expect(deleted).toBeUndefined();
    expect(stages).toEqual(["authenticating", "waiting", "receiving", "completed"]);
    expect(gone.error).toMatchObject({ code: "not_found", status: 404, param: "id", billed: "no" });
    expect(gone.error?.message).toContain("Upload the file again");
    const requests = exchanges(simulator);
    expect(requests.map(({ method, path }) => [method, path])).toEqual([
      ["POST", route],
      ["GET", `${route}/${made.id}`],
      ["GET", route],
      ["DELETE", `${route}/${made.id}`],
      ["DELETE", `${route}/${made.id}`],
    ]);
    for (const request of requests) expect(request.query).toEqual(query);
    expect(requests[0]?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(requests[0]?.body).toEqual({ purpose: "assistants" });
    expect(requests[0]?.files).toEqual([
      { field: "file", filename: 'notes "é".txt', contentType: "text/plain", byteLength: 9, sha256: sha256("the words") },
    ]);
  });
}

test("the purpose, the name and the end of a file's life are sent", async ({ page, simulator }) => {
  const made = await page.evaluate(async (endpoint) => {
    const { files } = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
    const file = new File(['{"a":1}'], "mine.jsonl", { type: "application/jsonl" });
    return files.upload(file, { purpose: "batch", fileName: "jobs.jsonl", expiresAfterInSeconds: 1_209_600 });
  }, simulator.url);
  expect(exchanges(simulator)[0]?.body).toEqual({ purpose: "batch", "expires_after[anchor]": "created_at", "expires_after[seconds]": "1209600" });
  expect(made).toMatchObject({ fileName: "jobs.jsonl", purpose: "batch" });
  expect((made.expiresOn?.getTime() ?? 0) - made.createdOn.getTime()).toBe(1_209_600_000);
});

test("bytes of a picture get its type and an ending, and what has a type keeps it", { tag: "@browser" }, async ({ page, simulator }) => {
  const hashes = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const { files } = client;
    const { images } = await client.generate({ prompt: "a lake" });
    const [image] = images;
    if (!image) throw new Error("no picture");
    const { blob, objectUrl } = image;
    const bytes = await blob.arrayBuffer();
    const dataUrl = "data:text/plain;base64,aGVsbG8=";
    const canvas = new OffscreenCanvas(4, 4);
    canvas.getContext("2d");
    const inputs: ImageInput[] = [
      image,
      objectUrl,
      bytes,
      new Uint8Array(bytes),
      new File([blob], "lake", { type: "" }),
      new Blob([blob], { type: "application/x-mine" }),
      new Blob(["hello"]),
      dataUrl,
      canvas,
    ];
    for (const input of inputs) await files.upload(input);
    image.dispose();
    return helpers.sha256(blob);
  }, simulator.url);
  const sent = exchanges(simulator).flatMap(({ files }) => files ?? []);
  expect(sent.map(({ filename, contentType }) => [filename, contentType])).toEqual([
    ["file.png", "image/png"],
    ["file.png", "image/png"],
    ["file.png", "image/png"],
    ["file.png", "image/png"],
    ["lake", "image/png"],
    ["file.bin", "application/x-mine"],
    ["file.bin", "application/octet-stream"],
    ["file.txt", "text/plain"],
    ["file.png", "image/png"],
  ]);
  for (const file of sent.slice(0, 6)) expect(file.sha256).toBe(hashes);
  expect(sent[6]?.sha256).toBe(sha256("hello"));
  expect(sent[7]?.sha256).toBe(sha256("hello"));
});

test("bytes that the page changes after the call are sent as they were", async ({ page, simulator }) => {
  await page.evaluate(async (endpoint) => {
    const { files } = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
    const bytes = new TextEncoder().encode("before");
    const call = files.upload(bytes);
    bytes.fill(0);
    await call;
  }, simulator.url);
  expect(exchanges(simulator)[0]?.files?.[0]?.sha256).toBe(sha256("before"));
});

test("a list can be of one purpose, and comes page by page", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const { files } = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
    const made: string[] = [];
    for (const purpose of ["assistants", "batch", "assistants", "assistants"]) made.push((await files.upload(new Blob([purpose]), { purpose })).id);
    const list = files.list({ purpose: "assistants", order: "asc" });
    const pages: string[][] = [];
    const tokens: unknown[] = [];
    for await (const page of list.byPage({ maxPageSize: 2 })) {
      pages.push(page.map(({ id }) => id));
      tokens.push(page.continuationToken);
    }
    const rest: string[] = [];
    const continuationToken = String(tokens[0]);
    for await (const page of list.byPage({ maxPageSize: 2, continuationToken })) rest.push(...page.map(({ id }) => id));
    for await (const _ of list) break;
    return { made, pages, tokens, rest };
  }, simulator.url);
  const [first, , third, fourth] = report.made;
  expect(report.pages).toEqual([[first, third], [fourth]]);
  expect(report.tokens).toEqual([third, undefined]);
  expect(report.rest).toEqual([fourth]);
  const queries = exchanges(simulator)
    .filter(({ method }) => method === "GET")
    .map(({ query }) => query);
  const query = { "api-version": "preview", order: "asc", purpose: "assistants" };
  const page1 = { ...query, limit: "2" };
  expect(queries).toEqual([page1, { ...page1, after: third }, { ...page1, after: third }, query]);
});

test("a list without pages, as some services write it, is one page", async ({ page }) => {
  const ids = await page.evaluate(async () => {
    const fetch = async () => new Response('{"object":"list","data":[{"id":"file-1"},{"id":"file-2"}]}');
    const found: string[] = [];
    for await (const { id } of new azure.AzureImageClient("/api", null, { fetch }).files.list()) found.push(id);
    return found;
  });
  expect(ids).toEqual(["file-1", "file-2"]);
});

for (const purpose of ["vision", "user_data", "nonsense"]) {
  test(`the purpose ${purpose} is the service's to refuse`, async ({ page, simulator }) => {
    const { error } = await page.evaluate(
      ({ endpoint, purpose }) =>
        helpers.settled(() => new azure.AzureImageClient(endpoint, { key: "simulator-key" }).files.upload(new Blob(["x"]), { purpose })),
      { endpoint: simulator.url, purpose },
    );
    expect(error).toMatchObject({ code: "invalid_request", status: 400, param: "purpose", billed: "no" });
    expect(error?.message).toContain("assistants");
    expect(exchanges(simulator)).toHaveLength(1);
  });
}

test("what cannot work is refused before anything is sent", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const { files } = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
    const wrong = (value: unknown) => value as never;
    const file = new Blob(["x"]);
    const { signal } = new AbortController();
    const calls: (() => Promise<unknown>)[] = [
      () => files.upload(wrong(undefined)),
      () => files.upload(wrong(7)),
      () => files.upload("C:\\lake.png"),
      () => files.upload("data:image/png;base64,%%%"),
      () => files.upload("blob:nothing"),
      () => files.upload(file, { purpose: wrong(1) }),
      () => files.upload(file, { fileName: wrong({}) }),
      ...[0, -1, 1.5, NaN, "60"].map((expiresAfterInSeconds) => () => files.upload(file, { expiresAfterInSeconds: wrong(expiresAfterInSeconds) })),
      () => files.upload(file, { onProgress: wrong("now") }),
      () => files.upload(file, wrong({ abortSignal: "now" })),
      () =>
        files
          .upload(file, wrong(null))
          .then(() =>
            Promise.reject(new azure.AzureImageError({ code: "invalid_request", message: "", billed: "no", retryable: false, param: "none" })),
          ),
      () => files.get(wrong(1)),
      () => files.delete("", { abortSignal: signal }),
      () =>
        files
          .list({ purpose: wrong(1) })
          [Symbol.asyncIterator]()
          .next(),
    ];
    const params = await Promise.all(
      calls.map(async (call) => {
        const { error } = await helpers.settled(call);
        return [error?.code, error?.billed, error?.param];
      }),
    );
    return { params, listeners: helpers.listenersOf(signal) };
  }, simulator.url);
  const names = [
    ...Array(5).fill("file"),
    "purpose",
    "fileName",
    ...Array(5).fill("expiresAfterInSeconds"),
    "onProgress",
    "abortSignal",
    "none",
    "id",
    "id",
    "purpose",
  ];
  expect(report.params).toEqual(names.map((name) => ["invalid_request", "no", name]));
  expect(report.listeners).toBe(0);
  // But for the options that were null, which are none.
  expect(exchanges(simulator)).toHaveLength(1);
});

test("a file that cannot be read is refused, and named", async ({ page, simulator }) => {
  const { error } = await page.evaluate(async (endpoint) => {
    const moved = new File(["x"], "moved.png");
    moved.slice = () => Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error("it was moved")) });
    return helpers.settled(() => new azure.AzureImageClient(endpoint, { key: "simulator-key" }).files.upload(moved));
  }, simulator.url);
  expect(error).toMatchObject({ code: "invalid_request", param: "file", billed: "no", cause: "Error: it was moved" });
  expect(simulator.requests).toEqual([]);
});

test("a busy service and a token that has expired are met with the whole form again", async ({ page, engine }) => {
  test.skip(engine === "webkit", "It does not let a page read a form with a file back.");
  const report = await page.evaluate(async () => {
    const sent: string[] = [];
    const stages: string[] = [];
    const fetch = async (request: Request) => {
      const file = (await request.formData()).get("file") as File;
      sent.push(`${request.headers.get("authorization")} ${file.name} ${file.type} ${await file.text()}`);
      const status = [429, 401, 200][sent.length - 1] ?? 500;
      return new Response(status === 200 ? '{"id":"file-1"}' : "{}", { status });
    };
    let tokens = 0;
    const token = () => ({ token: `token-${(tokens += 1)}`, expiresOnTimestamp: Date.now() + 3_600_000 });
    const { files } = new azure.AzureImageClient(location.origin, token, { fetch, retryOptions: { retryDelayInMs: 1 } });
    const onProgress = ({ stage, retry }: Progress) => stage === "retrying" && stages.push(`${stage} ${retry?.error.code}`);
    const { id } = await files.upload(new File(["words"], "a.txt", { type: "text/plain" }), { onProgress });
    return { id, sent, retried: [...new Set(stages)] };
  });
  expect(report).toEqual({
    id: "file-1",
    sent: ["Bearer token-1 a.txt text/plain words", "Bearer token-1 a.txt text/plain words", "Bearer token-2 a.txt text/plain words"],
    retried: ["retrying rate_limit", "retrying authentication"],
  });
});

test("an answer for which the browser has no room is an error, of a deletion too", async ({ page }) => {
  const errors = await page.evaluate(async () => {
    Blob.prototype.text = () => Promise.reject(new DOMException("no room", "NotReadableError"));
    const { files } = new azure.AzureImageClient("/api", null, { fetch: async () => Response.json({ id: "file-1", deleted: false }) });
    return [(await helpers.settled(() => files.delete("file-1"))).error, (await helpers.settled(() => files.get("file-1"))).error];
  });
  for (const error of errors) expect(error).toMatchObject({ code: "too_large", billed: "no", message: expect.stringContaining("no memory left") });
});

test("a file that was not deleted, though nothing failed, is an error, and an answer without words is none", async ({ page }) => {
  const codes = await page.evaluate(async () => {
    const report = [];
    for (const answer of ['{"id":"file-1","deleted":false}', '{"deleted":true}', "", "{}"]) {
      const fetch = async () => new Response(answer);
      const { error } = await helpers.settled(() => new azure.AzureImageClient("/api", null, { fetch }).files.delete("file-1"));
      report.push(error && [error.code, error.billed]);
    }
    return report;
  });
  expect(codes).toEqual([["service", "no"], undefined, undefined, undefined]);
});

test("an upload that is aborted while it is prepared or under way ends at once, and nothing is left running", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const { files } = new azure.AzureImageClient(endpoint, () => new Promise<never>(() => {}));
    const early = new AbortController();
    const preparing = helpers.settled(() => files.upload(new Blob(["x"]), { abortSignal: early.signal }));
    early.abort("early");
    const late = new AbortController();
    const onProgress = ({ stage }: Progress) => stage === "authenticating" && late.abort("late");
    const authenticating = helpers.settled(() => files.upload(new Blob(["x"]), { abortSignal: late.signal, onProgress }));
    const sending = new AbortController();
    const slow = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
    const tell = ({ stage }: Progress) => stage === "waiting" && sending.abort("sent");
    const sent = helpers.settled(() => slow.files.upload(new Blob([new Uint8Array(1_000_000)]), { abortSignal: sending.signal, onProgress: tell }));
    const outcomes = await Promise.all([preparing, authenticating, sent]);
    return { outcomes, listeners: [early, late, sending].map(({ signal }) => helpers.listenersOf(signal)) };
  }, simulator.url);
  expect(report.outcomes.map(({ error }) => [error?.code, error?.billed, error?.cause])).toEqual([
    ["cancelled", "no", "early"],
    ["cancelled", "no", "late"],
    ["cancelled", "no", "sent"],
  ]);
  expect(report.listeners).toEqual([0, 0, 0]);
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("a mistake of the page in onProgress is seen, and costs no upload", async ({ page, simulator }) => {
  page.removeAllListeners("pageerror");
  const { id } = await page.evaluate(async (endpoint) => {
    const { files } = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
    return files.upload(new Blob(["x"]), {
      onProgress: () => {
        throw new Error("mistake");
      },
    });
  }, simulator.url);
  expect(id).toMatch(/^file-/);
});
