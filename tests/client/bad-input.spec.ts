import { expect, test, type ErrorReport } from "./fixtures.js";
import { freePort } from "../ports.js";

/** What the page does in one case. All of it is sent into the page, so functions of the page stand as names. */
interface Case {
  endpoint?: string;
  credential?: unknown;
  options?: Record<string, unknown>;
  request?: unknown;
}

interface Expected extends Partial<ErrorReport> {
  /** What the message must say: what happened, and what to do. */
  says: RegExp[];
  /** How many requests reach the service. */
  posts: number;
}

const CASES: [what: string, given: Case, expected: Expected][] = [
  ["no request at all", { request: null }, { code: "invalid_request", param: "request", billed: "no", says: [/prompt/], posts: 0 }],
  ["no prompt", { request: {} }, { code: "invalid_request", param: "prompt", billed: "no", says: [/prompt is empty\. \S/], posts: 0 }],
  ["a blank prompt", { request: { prompt: " \n" } }, { code: "invalid_request", param: "prompt", says: [/prompt is empty/], posts: 0 }],
  [
    "a prompt of another type",
    { request: { prompt: 7 } },
    { code: "invalid_request", param: "prompt", says: [/must be a string/, /number 7/], posts: 0 },
  ],
  [
    "a fraction of a picture",
    { request: { prompt: "a", n: 1.5 } },
    { code: "invalid_request", param: "n", says: [/whole number/, /1\.5/], posts: 0 },
  ],
  [
    "extraBody that is no object",
    { request: { prompt: "a", extraBody: [1] } },
    { code: "invalid_request", param: "extraBody", says: [/object/], posts: 0 },
  ],
  [
    "an endpoint that is not a URL",
    { endpoint: "my resource" },
    { code: "invalid_request", param: "endpoint", says: [/my resource/, /https:\/\/my-resource\.openai\.azure\.com/], posts: 0 },
  ],
  [
    "an endpoint without a scheme",
    { endpoint: "my-resource.openai.azure.com" },
    { code: "invalid_request", param: "endpoint", says: [/absolute https URL/], posts: 0 },
  ],
  [
    "an endpoint of another scheme",
    { endpoint: "ftp://my-resource.openai.azure.com" },
    { code: "invalid_request", param: "endpoint", says: [/https/], posts: 0 },
  ],
  ["an empty endpoint", { endpoint: "" }, { code: "invalid_request", param: "endpoint", says: [/https/], posts: 0 }],
  [
    "plain http to another machine",
    { endpoint: "http://my-resource.openai.azure.com", credential: null },
    { code: "invalid_request", param: "endpoint", says: [/Use https/], posts: 0 },
  ],
  [
    "a key within the endpoint",
    { endpoint: "https://my-resource.openai.azure.com/?api-key=SECRET" },
    { code: "invalid_request", param: "endpoint", says: [/extraQuery/], posts: 0 },
  ],
  [
    "a password within the endpoint",
    { endpoint: "https://me:SECRET@my-resource.openai.azure.com" },
    { code: "invalid_request", param: "endpoint", says: [/credential/], posts: 0 },
  ],
  [
    "no deployment",
    { options: { deployment: undefined } },
    { code: "invalid_request", param: "deployment", says: [/deployment/, /Azure portal/], posts: 0 },
  ],
  [
    "an illegal header",
    { options: { extraHeaders: { "x team": "blue" } } },
    { code: "invalid_request", param: "extraHeaders", says: [/x team/], posts: 0 },
  ],
  [
    "a header of two lines",
    { options: { extraHeaders: { "x-team": "blue\nred" } } },
    { code: "invalid_request", param: "extraHeaders", says: [/x-team/], posts: 0 },
  ],
  [
    "headers of which one is missing",
    { options: { extraHeaders: [["x-team", "blue"], undefined] as never } },
    { code: "invalid_request", param: "extraHeaders", says: [/must be an object with strings/], posts: 0 },
  ],
  [
    "a query of which one part is null",
    { options: { extraQuery: [null] as never } },
    { code: "invalid_request", param: "extraQuery", says: [/must be an object with strings/], posts: 0 },
  ],
  [
    "headers that are a number",
    { options: { extraHeaders: 7 as never } },
    { code: "invalid_request", param: "extraHeaders", says: [/must be an object with strings/], posts: 0 },
  ],
  ["a fetch that is no function", { options: { fetch: "fetch" } }, { code: "invalid_request", param: "fetch", says: [/function/], posts: 0 }],
  [
    "nesting that no stack has room for",
    { options: { deployment: "gpt-image-1", maxNesting: 1001 } },
    { code: "invalid_request", param: "maxNesting", says: [/at most 1000/], posts: 0 },
  ],
  ["no credential", { credential: undefined }, { code: "authentication", billed: "no", says: [/TokenCredential/, /null/], posts: 0 }],
  ["a credential of another type", { credential: "simulator-key" }, { code: "authentication", says: [/\{ key: … \}/], posts: 0 }],
  ["an empty key", { credential: { key: "" } }, { code: "authentication", says: [/empty/], posts: 0 }],
  ["a key with a line break within", { credential: { key: "SEC\nRET" } }, { code: "authentication", says: [/Copy it again/], posts: 0 }],
  [
    "a key for a foreign origin",
    { endpoint: "https://my-resource.openai.azure.com", credential: { key: "SECRET" } },
    { code: "authentication", says: [/dangerouslyAllowApiKeyInBrowser/, /proxy/], posts: 0 },
  ],
  [
    "a wrong key",
    { credential: { key: "SECRET" } },
    { code: "authentication", status: 401, billed: "no", retryable: false, says: [/invalid subscription key/, /belongs to this resource/], posts: 1 },
  ],
  ["no key where one is needed", { credential: null }, { code: "authentication", status: 401, says: [/key or token/], posts: 1 }],
  [
    "an unknown deployment",
    { options: { deployment: "nowhere" } },
    { code: "deployment_not_found", status: 404, serviceCode: "DeploymentNotFound", billed: "no", says: [/differ from the model name/], posts: 1 },
  ],
  [
    "an unknown deployment on the classic route",
    { options: { deployment: "nowhere", apiVersion: "2025-04-01-preview" } },
    { code: "deployment_not_found", status: 404, says: [/deployment/], posts: 1 },
  ],
  [
    "an unknown api-version",
    { options: { deployment: "gpt-image-1", apiVersion: "2020-01-01" } },
    { code: "invalid_request", status: 400, says: [/API version not supported/], posts: 1 },
  ],
  [
    "a path that is not Azure's",
    { endpoint: "SIMULATOR/elsewhere" },
    { code: "not_found", status: 404, says: [/endpoint and apiVersion/], posts: 1 },
  ],
  [
    "an illegal size",
    { request: { prompt: "a", size: "17x4" } },
    { code: "invalid_request", status: 400, param: "size", billed: "no", says: [/17x4/, /1024x1024/], posts: 1 },
  ],
  [
    "an unknown parameter",
    { request: { prompt: "a", extraBody: { colour: "red" } } },
    { code: "invalid_request", status: 400, param: "colour", serviceCode: "unknown_parameter", says: [/colour/], posts: 1 },
  ],
  [
    "a refused prompt",
    { request: { prompt: "a [content-policy]" } },
    {
      code: "content_filter",
      status: 400,
      billed: "no",
      contentFilter: { source: "prompt", categories: [{ name: "violence", severity: "medium" }] },
      says: [/The prompt was refused \(violence: medium\)/],
      posts: 1,
    },
  ],
  [
    "a refused picture",
    { request: { prompt: "a [output-filter]" } },
    {
      code: "content_filter",
      status: 400,
      billed: "unknown",
      contentFilter: { source: "image", categories: [] },
      says: [/Generated image was filtered/],
      posts: 1,
    },
  ],
  [
    "too many requests",
    { request: { prompt: "a [status=429] [retry-after=18]" }, options: { deployment: "gpt-image-1", retryOptions: { maxRetries: 0 } } },
    { code: "rate_limit", status: 429, billed: "no", retryable: true, retryAfterInMs: 18_000, says: [/Wait/], posts: 1 },
  ],
  [
    "a gateway's time-out",
    { request: { prompt: "a [status=504]" } },
    { code: "service", status: 504, billed: "unknown", retryable: true, says: [/generated and billed/, /Stream with/], posts: 1 },
  ],
  [
    "Azure's own time-out",
    { request: { prompt: "a [status=408]" } },
    { code: "timeout", status: 408, billed: "unknown", says: [/generateStream/], posts: 1 },
  ],
  ["an error page of a proxy", { request: { prompt: "a [status=502]" } }, { code: "service", status: 502, says: [/502/], posts: 1 }],
  [
    "a web page instead of JSON",
    { request: { prompt: "a [html]" } },
    { code: "service", billed: "unknown", says: [/web page/, /endpoint/], posts: 1 },
  ],
  ["JSON that is none", { request: { prompt: "a [malformed-json]" } }, { code: "stream_malformed", billed: "unknown", says: [/not JSON/], posts: 1 }],
  [
    "an answer that stops",
    { request: { prompt: "a [truncate=60%]" } },
    { code: "stream_truncated", billed: "unknown", retryable: true, says: [/before the image was complete/], posts: 1 },
  ],
  ["base64 that is none", { request: { prompt: "a [malformed-base64]" } }, { code: "stream_malformed", says: [/base64/], posts: 1 }],
  ["base64 that stops within a quad", { request: { prompt: "a [half-quad]" } }, { code: "stream_malformed", says: [/base64/], posts: 1 }],
  ["an answer without a picture", { request: { prompt: "a [no-image]" } }, { code: "no_image", says: [/contains no image/], posts: 1 }],
  [
    "a connection that breaks",
    { request: { prompt: "a [reset=50%]" } },
    { code: "connection", billed: "unknown", retryable: true, says: [/connection broke after \d+ bytes/], posts: 1 },
  ],
  [
    "a connection that breaks before the answer",
    { request: { prompt: "a [reset=before-headers]" } },
    { code: "connection", billed: "unknown", says: [/online/, /CORS/], posts: 1 },
  ],
  ["an answer that CORS hides", { request: { prompt: "a [no-cors]" } }, { code: "connection", billed: "unknown", says: [/CORS/], posts: 1 }],
  ["a redirect, which a key must not follow", { request: { prompt: "a [redirect]" } }, { code: "connection", says: [/redirects/], posts: 1 }],
  [
    "a picture beyond the limit",
    { options: { deployment: "gpt-image-1", maxImageBytes: 1000 } },
    { code: "too_large", says: [/maxImageBytes/], posts: 1 },
  ],
  [
    "control JSON beyond the limit",
    { options: { deployment: "gpt-image-1", maxEventBytes: 50 } },
    { code: "too_large", says: [/maxEventBytes/], posts: 1 },
  ],
];

for (const [what, given, { says, posts, ...expected }] of CASES) {
  for (const streamed of [false, true]) {
    test(`${what}${streamed ? ", streamed" : ""}: ${expected.code}`, {
      tag: /CORS hides|connection that breaks$/.test(what) ? "@browser" : streamed ? "@nightly" : [],
    }, async ({ page, simulator }) => {
      const endpoint = given.endpoint?.replace("SIMULATOR", simulator.url) ?? simulator.url;
      const complete = { credential: { key: "simulator-key" }, options: { deployment: "gpt-image-1" }, request: { prompt: "a lake" }, ...given };
      const { error } = await page.evaluate(
        ([endpoint, { credential, options, request }, streamed]) => {
          const client = new azure.AzureImageClient(endpoint, credential as never, options);
          return helpers.outcome(streamed ? client.generateStream(request as never).result() : client.generate(request as never));
        },
        [endpoint, complete, streamed] as const,
      );
      expect(error).toMatchObject({ isAzureImageError: true, isError: true, name: "AzureImageError", ...expected });
      for (const text of says) expect(error?.message).toMatch(text);
      expect(JSON.stringify(error)).not.toContain("SECRET");
      expect(simulator.requests.filter((request) => request.method === "POST")).toHaveLength(posts);
    });
  }
}

test("a server that is not there: connection, with what to check", async ({ page }) => {
  const { error } = await page.evaluate(
    (endpoint) =>
      helpers.outcome(new azure.AzureImageClient(endpoint, { key: "SECRET" }, { deployment: "gpt-image-1" }).generate({ prompt: "a lake" })),
    `http://127.0.0.1:${await freePort()}`,
  );
  expect(error).toMatchObject({ code: "connection", retryable: true, cause: expect.stringContaining("TypeError") });
  for (const text of [/online/, /host is spelled correctly/, /CORS/]) expect(error?.message).toMatch(text);
  expect(JSON.stringify(error)).not.toContain("SECRET");
});

test("a credential that throws, gives nothing, or gives nonsense: authentication, and nothing is sent", async ({ page, simulator }) => {
  const errors = await page.evaluate(async (endpoint) => {
    const errors = [];
    const credentials = [
      () => {
        throw new Error("not signed in");
      },
      () => Promise.reject("not signed in"),
      () => "",
      () => undefined as never,
      () => "two words",
      { getToken: async () => null },
      { getToken: () => ({}) as never },
    ];
    for (const credential of credentials) {
      const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
      errors.push((await helpers.outcome(client.generate({ prompt: "a lake" }))).error);
    }
    return errors;
  }, simulator.url);
  expect(errors.map((error) => [error?.code, error?.billed])).toEqual(Array(7).fill(["authentication", "no"]));
  expect(errors.slice(0, 2).map((error) => error?.cause)).toEqual(["Error: not signed in", "not signed in"]);
  expect(simulator.requests).toEqual([]);
});

test("a fetch that throws, or returns something else: an error that names it, and no hanging promise", async ({ page, simulator }) => {
  const errors = await page.evaluate(async (endpoint) => {
    const used = new Response("x");
    await used.text();
    const errors = [];
    const fetches = [
      () => {
        throw new Error("mistake");
      },
      () => Promise.reject("a text"),
      () => Promise.resolve(undefined as never),
      () => Promise.resolve({ status: 200 } as never),
      () => Promise.resolve({ status: 200, ok: true, headers: {}, body: null } as never),
      () => Promise.resolve({ status: 200, ok: true, headers: new Headers(), body: {} } as never),
      () => Promise.resolve(used),
      () => Promise.resolve(new Response(null)),
      () => Promise.resolve(new Response(new ReadableStream({ start: (controller) => controller.enqueue("text") }))),
      () => Promise.resolve(new Response(new ReadableStream({ start: (controller) => controller.error("a text") }))),
    ];
    for (const fetch of fetches) {
      const client = new azure.AzureImageClient(endpoint, null, { deployment: "gpt-image-1", fetch });
      errors.push((await helpers.outcome(client.generate({ prompt: "a lake" }))).error);
    }
    return errors.map((error) => [error?.code, error?.param]);
  }, simulator.url);
  expect(errors).toEqual([
    ["connection", undefined],
    ["connection", undefined],
    ...Array(5).fill(["invalid_request", "fetch"]),
    ["stream_truncated", undefined],
    ["invalid_request", "fetch"],
    ["connection", undefined],
  ]);
});

test("a listener or signal that is none, or throws when it is read, is refused by its name, and never at once", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const throwing = (name: string) => Object.defineProperty({}, name, { get: () => JSON.parse("mistake") });
    const given: [param: string, options: object][] = [
      ["onProgress", { onProgress: "told" }],
      ["onProgress", throwing("onProgress")],
      ["abortSignal", { abortSignal: { aborted: false, addEventListener() {} } }],
      ["abortSignal", throwing("abortSignal")],
    ];
    const request = { prompt: "a lake", image: new Blob() };
    const question = { model: "gpt-4.1", input: "a lake" };
    const calls: Record<string, (options: object) => Promise<unknown>> = {
      generate: (options) => client.generate(request, options),
      generateStream: (options) => client.generateStream(request, options).result(),
      edit: (options) => client.edit(request, options),
      editStream: (options) => client.editStream(request, options).result(),
      create: (options) => client.responses.create(question, options),
      stream: (options) => client.responses.stream(question, options).result(),
      start: (options) => client.responses.start(question, options),
      resume: (options) => client.responses.resume("resp_1", options).result(),
      get: (options) => client.responses.get("resp_1", options),
      probe: (options) => client.probe(options),
    };
    const wrong: string[] = [];
    const tell = async (call: string, [param, options]: (typeof given)[number], work: (options: object) => Promise<unknown>) => {
      const { error } = await helpers.settled(() => work(options));
      if (error?.code !== "invalid_request" || error.param !== param || error.billed !== "no") wrong.push(`${call} ${param}: ${error?.message}`);
    };
    for (const [call, work] of Object.entries(calls)) {
      for (const each of given) if (call !== "probe" || each[0] === "abortSignal") await tell(call, each, work);
    }
    for (const each of [["onImage", { onImage: 7 }] as (typeof given)[number], ["onImage", throwing("onImage")] as (typeof given)[number]]) {
      await tell("generate", each, (options) => client.generate(request, options));
    }
    return wrong;
  }, simulator.url);
  expect(report).toEqual([]);
  expect(simulator.requests).toEqual([]);
});

test("a signal of the page's own that throws when it is left does not keep a call from its end", async ({ page, simulator }) => {
  const { ok, error } = await page.evaluate((endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const abortSignal = { aborted: false, addEventListener() {}, removeEventListener: () => JSON.parse("mistake") };
    return helpers.outcome(client.generate({ prompt: "a lake" }, { abortSignal: abortSignal as never }));
  }, simulator.url);
  expect(error?.message).toBeUndefined();
  expect(ok?.images).toHaveLength(1);
});
