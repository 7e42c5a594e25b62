import type { Simulator } from "azure-image-simulator";
import type { Progress } from "../../js/index.js";
import { expect, sent, test, type ErrorReport, type Outcome } from "./fixtures.js";
import type { EngineName } from "./engines/start.js";
import { MEBIBYTE } from "./held.js";
import { WASM } from "./page-server.js";
import { EVENTS } from "./samples.js";

const PREVIEWS = EVENTS.filter((event) => event.includes("partial_image"));
const COMPLETED = EVENTS.filter((event) => event.includes(".completed"));

type Aftermath = Awaited<ReturnType<typeof helpers.aftermath>>;

function expectNothingLeft({ next, memory, urls }: Aftermath): void {
  expect({ next, urls }).toEqual({ next: 1, urls: 0 });
  expect(memory).toBeLessThanOrEqual(4 * MEBIBYTE);
}

const posts = (simulator: Simulator) => simulator.requests.filter((request) => request.method === "POST");

interface Limits {
  timeoutInMs?: number;
  idleTimeoutInMs?: number;
  totalTimeoutInMs?: number;
}

/** A call that is to end by a limit. All of it is sent into the page. */
interface Limited {
  endpoint: string;
  words: string;
  streamed: boolean;
  options: Limits;
  credential?: "hanging" | undefined;
}

/** Makes a call within the page; tells how it ended, what it left on the caller's signal, and what comes behind it. */
async function limited({ endpoint, words, streamed, options, credential }: Limited) {
  let tokenTakenBack: Promise<unknown> | undefined;
  const hanging = ({ abortSignal }: { abortSignal: AbortSignal }) => {
    tokenTakenBack = new Promise((resolve) => abortSignal.addEventListener("abort", resolve));
    return new Promise<string>(() => {});
  };
  const client = new azure.AzureImageClient(endpoint, credential === "hanging" ? hanging : { key: "simulator-key" }, {
    deployment: "gpt-image-1",
    ...options,
  });
  const { signal: abortSignal } = new AbortController();
  const request = { prompt: `a lake ${words}` };
  // So that the limit counts the call and not the loading.
  await azure.init();
  const { error } = await helpers.outcome(
    streamed ? client.generateStream({ ...request, partialImages: 2 }, { abortSignal }).result() : client.generate(request, { abortSignal }),
  );
  await tokenTakenBack;
  const listeners = helpers.listenersOf(abortSignal);
  // With no such limits: it may take its time.
  const next = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
  return { error, listeners, aftermath: await helpers.aftermath(next) };
}

interface Case {
  words: string;
  options: Limits;
  only?: "streamed" | "plain";
  credential?: "hanging";
  billed: "no" | "unknown";
  says: RegExp[];
  posts: number;
  partialImages?: number;
  /** Why a browser cannot show it. */
  notIn?: Partial<Record<EngineName, string>>;
}

const ANSWER = [/0\.3 s \(timeoutInMs\)/, /generated and billed/, /streaming/, /raise timeoutInMs/];
const IDLE = [/1 s \(idleTimeoutInMs\)/, /after the first [1-9]\d* bytes/, /generated and billed/, /raise idleTimeoutInMs/];
const TOTAL = [/\(totalTimeoutInMs\)/, /Raise totalTimeoutInMs, or (request a lower quality|ask for less)/];

const CASES: [what: string, given: Case][] = [
  [
    "a credential that never answers, by timeout",
    {
      words: "",
      credential: "hanging",
      options: { timeoutInMs: 300 },
      billed: "no",
      says: [/no token within 0\.3 s \(timeoutInMs\)/, /sign-in window/, /Raise timeoutInMs/],
      posts: 0,
    },
  ],
  [
    "an answer that does not begin, by timeout",
    { words: "[slow-first-byte=60000]", options: { timeoutInMs: 300 }, billed: "unknown", says: ANSWER, posts: 1 },
  ],
  [
    "an answer that stalls before its headers, by timeout",
    { words: "[stall=before-headers]", options: { timeoutInMs: 300 }, billed: "unknown", says: ANSWER, posts: 1 },
  ],
  [
    "an answer that stalls within its headers, by timeout",
    { words: "[stall=mid-headers]", options: { timeoutInMs: 300 }, billed: "unknown", says: ANSWER, posts: 1 },
  ],
  [
    "a refusal that does not begin, by timeout",
    { words: "[status=400] [slow-first-byte=60000]", options: { timeoutInMs: 300 }, billed: "unknown", says: ANSWER, posts: 1 },
  ],
  [
    "an answer that stalls after its headers, by idleTimeoutInMs",
    {
      words: "[stall=0]",
      notIn: { firefox: "It hands an answer over with the first byte of its body: until then the limit is `timeout`." },
      options: { idleTimeoutInMs: 1000 },
      billed: "unknown",
      says: [/1 s \(idleTimeoutInMs\)/, /after the first 0 bytes/, /raise idleTimeoutInMs/],
      posts: 1,
    },
  ],
  [
    "an answer that stalls in its middle, by idleTimeoutInMs",
    { words: "[stall=50%]", only: "plain", options: { idleTimeoutInMs: 1000 }, billed: "unknown", says: IDLE, posts: 1 },
  ],
  [
    "a stream that stalls after a preview, by idleTimeoutInMs",
    {
      words: "[stall]",
      only: "streamed",
      options: { idleTimeoutInMs: 1000 },
      billed: "unknown",
      says: [...IDLE, /partialImages/, /proxy/],
      posts: 1,
      partialImages: 1,
    },
  ],
  [
    "a stream that stalls before the picture, by idleTimeoutInMs",
    {
      words: "[stall=before-completed]",
      only: "streamed",
      options: { idleTimeoutInMs: 1000 },
      billed: "unknown",
      says: IDLE,
      posts: 1,
      partialImages: 2,
    },
  ],
  [
    "a stream that stalls within the picture, by idleTimeoutInMs",
    { words: "[stall=95%]", only: "streamed", options: { idleTimeoutInMs: 1000 }, billed: "unknown", says: IDLE, posts: 1, partialImages: 2 },
  ],
  [
    "a credential that never answers, by totalTimeoutInMs",
    {
      words: "",
      credential: "hanging",
      options: { totalTimeoutInMs: 300 },
      billed: "no",
      says: [...TOTAL, /0\.3 s/, /before anything was sent/],
      posts: 0,
    },
  ],
  [
    "an answer that does not begin, by totalTimeoutInMs",
    {
      words: "[slow-first-byte=60000]",
      options: { totalTimeoutInMs: 2000 },
      billed: "unknown",
      says: [...TOTAL, /2 s/, /generated and billed/],
      posts: 1,
    },
  ],
  [
    "an answer that stalls in its middle, by totalTimeoutInMs",
    {
      words: "[stall=50%]",
      only: "plain",
      options: { totalTimeoutInMs: 2000 },
      billed: "unknown",
      says: [...TOTAL, /generated and billed/],
      posts: 1,
    },
  ],
  [
    "a stream that stalls after a preview, by totalTimeoutInMs",
    {
      words: "[stall]",
      only: "streamed",
      options: { totalTimeoutInMs: 3000 },
      billed: "unknown",
      says: [...TOTAL, /generated and billed/],
      posts: 1,
      partialImages: 1,
    },
  ],
  [
    "a wait for a retry, by totalTimeoutInMs",
    {
      words: "[status=429] [retry-after=30]",
      options: { totalTimeoutInMs: 3000 },
      billed: "no",
      says: [...TOTAL, /Nothing was billed/],
      posts: 1,
    },
  ],
];

for (const [what, { says, posts: expectedPosts, partialImages = 0, only, billed, notIn, ...given }] of CASES) {
  for (const streamed of [false, true]) {
    if (only === (streamed ? "plain" : "streamed")) continue;
    test(`${what}${streamed ? ", streamed" : ""}: ended, named, and closed, and the next call works`, {
      tag: what === "an answer that does not begin, by timeout" ? [] : "@nightly",
    }, async ({ page, simulator, engine }) => {
      test.skip(engine in (notIn ?? {}), notIn?.[engine]);
      const { error, listeners, aftermath } = await page.evaluate(limited, { endpoint: simulator.url, streamed, ...given });
      expect(error).toMatchObject({ isAzureImageError: true, name: "AzureImageError", code: "timeout", billed, retryable: true });
      for (const text of says) expect(error?.message).toMatch(text);
      expect(error?.lastPartialImage?.sha256).toBe(sent(simulator, "partial")[partialImages - 1]);
      expect(listeners).toBe(0);
      expectNothingLeft(aftermath);
      await expect.poll(() => simulator.activeRequests).toBe(0);
      // The refusal before a retry was read to its end; and so was the answer to the next call.
      const aborted = !given.words.includes("429");
      expect(posts(simulator).map((post) => post.aborted)).toEqual([...Array(expectedPosts).fill(aborted), false]);
    });
  }
}

test("a refusal whose text does not end is what its status says", async ({ page, simulator }) => {
  const { error, aftermath } = await page.evaluate(limited, {
    endpoint: simulator.url,
    words: "[status=400] [stall=5]",
    streamed: false,
    options: { idleTimeoutInMs: 1000 },
  });
  expect(error).toMatchObject({ code: "invalid_request", status: 400, billed: "no" });
  expectNothingLeft(aftermath);
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("the timeouts of a call override those of the client, for every kind of call", { tag: "@nightly" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    // A busy machine may take longer to load it than the timeouts last.
    await azure.init(undefined, { more: true });
    const slow = "[slow-first-byte=60000]";
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", timeoutInMs: 60_000 });
    const calls = [
      () => client.generate({ prompt: slow }, { timeoutInMs: 100 }),
      () => client.generateStream({ prompt: slow }, { totalTimeoutInMs: 100 }).result(),
      () => client.generateStream({ prompt: "[stall=50%]" }, { idleTimeoutInMs: 100 }).result(),
      () => client.responses.create({ model: "gpt-4.1", input: slow }, { timeoutInMs: 100 }),
      () => new azure.AzureImageClient("/api", null, { fetch: () => new Promise(() => {}) }).files.get("file_1", { timeoutInMs: 100 }),
      () => client.generate({ prompt: "a" }, { timeoutInMs: -1 }),
      () => client.generate({ prompt: "a" }, { totalTimeoutInMs: "5" as never }),
      () => client.generate({ prompt: "a" }, { timeoutInMs: 0 }),
    ];
    return Promise.all(calls.map(async (call) => (await helpers.settled<unknown>(call)).error));
  }, simulator.url);
  const seen = report.map((error) => [
    error?.code,
    error?.billed,
    /\((\w+TimeoutInMs|timeoutInMs)\)/.exec(error?.message ?? "")?.[1] ?? error?.param,
  ]);
  expect(seen).toEqual([
    ["timeout", "unknown", "timeoutInMs"],
    ["timeout", "unknown", "totalTimeoutInMs"],
    ["timeout", "unknown", "idleTimeoutInMs"],
    ["timeout", "unknown", "timeoutInMs"],
    ["timeout", "no", "timeoutInMs"],
    ["invalid_request", "no", "timeoutInMs"],
    ["invalid_request", "no", "totalTimeoutInMs"],
    [undefined, undefined, undefined],
  ]);
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("an edit has the same limits", { tag: "@nightly" }, async ({ page, simulator }) => {
  const { errors, aftermath } = await page.evaluate(async (endpoint) => {
    const canvas = new OffscreenCanvas(64, 64);
    canvas.getContext("2d")!.fillRect(0, 0, 64, 64);
    const image = await canvas.convertToBlob();
    const errors = [];
    for (const [options, words] of [
      [{ timeoutInMs: 300 }, "[slow-first-byte=60000]"],
      [{ idleTimeoutInMs: 1000 }, "[stall=50%]"],
      [{ totalTimeoutInMs: 2000 }, "[slow-first-byte=60000]"],
    ] as const) {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", ...options });
      errors.push((await helpers.outcome(client.edit({ prompt: `a lake ${words}`, image }))).error);
    }
    return { errors, aftermath: await helpers.aftermath(new azure.AzureImageClient(endpoint, { key: "simulator-key" })) };
  }, simulator.url);
  expect(errors.map((error) => [error?.code, error?.billed])).toEqual(Array(3).fill(["timeout", "unknown"]));
  for (const [index, name] of ["timeoutInMs", "idleTimeoutInMs", "totalTimeoutInMs"].entries()) expect(errors[index]?.message).toContain(`(${name})`);
  expectNothingLeft(aftermath);
  expect(posts(simulator)).toHaveLength(3 + 1);
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("what has come is not lost to a page that is busy with its own work", { tag: "@nightly" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const busy = (milliseconds: number) => {
      const end = performance.now() + milliseconds;
      while (performance.now() < end);
    };
    await azure.init();
    // All of a large picture at once, between other work that leaves the library a turn now and then.
    const picture = new Uint8Array(12_000_000);
    picture.setFromHex("89504e470d0a1a0a0000000d49484452000004000000040008060000007f1d2b83");
    const event = `data: ${JSON.stringify({ type: "image_generation.completed", b64_json: picture.toBase64() })}\n\n`;
    const fetch = async () => new Response(event, { headers: { "content-type": "text/event-stream" } });
    const options = { deployment: "gpt-image-1", idleTimeoutInMs: 500 };
    const working = setInterval(busy, 0, 80);
    const startedAt = performance.now();
    const gathered = await helpers.outcome(
      new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { ...options, fetch }).generateStream({ prompt: "a lake" }).result(),
    );
    const took = performance.now() - startedAt;
    clearInterval(working);
    // And once for longer than the limit, while the rest of a stream comes.
    const stream = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, options).generateStream({ prompt: "a lake", partialImages: 2 });
    for await (const { type } of stream) if (type === "partialImage") busy(800);
    return { gathered, took, streamed: await helpers.outcome(stream.result()) };
  }, simulator.url);
  expect(report.gathered.error?.message).toBeUndefined();
  expect(report.gathered.ok?.images[0]?.byteLength).toBe(12_000_000);
  expect(report.took, "the page was busy for longer than the limit").toBeGreaterThan(500);
  expect(report.streamed.error?.message).toBeUndefined();
  expect(report.streamed.ok?.images.map(({ sha256 }) => sha256)).toEqual(sent(simulator, "final"));
});

test("a limit that is no whole number from 0 on is refused by the first call, with its name", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const report: Record<string, unknown[]> = {};
    for (const name of ["timeoutInMs", "idleTimeoutInMs", "totalTimeoutInMs"]) {
      for (const value of ["10", "", -1, 0.5, Number.NaN, Infinity, 2 ** 32, true, 10n, {}, () => 10]) {
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", [name]: value });
        const plain = await helpers.outcome(client.generate({ prompt: "a lake" }));
        const streamed = await helpers.outcome(client.generateStream({ prompt: "a lake" }).result());
        const probed = await client.probe().then(() => undefined, helpers.describeError);
        for (const error of [plain.error, streamed.error, probed]) {
          const says = [/^(\w+) must be a whole number, 0 or more/.exec(error?.message ?? "")?.[1]];
          (report[name] ??= []).push([typeof value, error?.code, error?.param, error?.billed, error?.retryable, ...says]);
        }
      }
      // These mean that it is not set.
      for (const value of [undefined, null]) {
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { [name]: value as never });
        await client.getEndpoint();
      }
    }
    return report;
  }, simulator.url);
  expect(Object.keys(report)).toEqual(["timeoutInMs", "idleTimeoutInMs", "totalTimeoutInMs"]);
  for (const [name, errors] of Object.entries(report)) {
    expect(errors).toHaveLength(33);
    for (const error of errors) expect((error as unknown[]).slice(1)).toEqual(["invalid_request", name, "no", false, name]);
  }
  expect(simulator.requests).toEqual([]);
});

for (const [what, limit] of [
  ["timeout", { timeoutInMs: 2000 }],
  ["idleTimeoutInMs", { idleTimeoutInMs: 1000 }],
] as const) {
  const words = what === "timeout" ? "[slow-first-byte=60000] [times=1]" : "[stall=50%] [times=1]";
  test(`what ${what} ends is tried again only where an unknown outcome may be`, { tag: "@nightly" }, async ({ page, simulator }) => {
    for (const [retryUnknownOutcome, count] of [
      [false, 1],
      [true, 2],
    ] as const) {
      simulator.reset();
      const report = await page.evaluate(
        async ([endpoint, prompt, options]) => {
          const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", ...options });
          const retries: unknown[] = [];
          const outcome = await helpers.outcome(
            client.generate({ prompt }, { onProgress: ({ retry }) => retry && retries.push([retry.retries, retry.error.code, retry.error.billed]) }),
          );
          return { outcome, retries };
        },
        [simulator.url, `a lake ${words}`, { ...limit, retryOptions: { retryUnknownOutcome, retryDelayInMs: 1 } }] as const,
      );
      if (retryUnknownOutcome) {
        expect(report.outcome.ok?.images.map((image) => image.sha256)).toEqual(sent(simulator, "final"));
        expect(report.retries[0]).toEqual([1, "timeout", "unknown"]);
      } else {
        expect(report.outcome.error).toMatchObject({ code: "timeout", billed: "unknown" });
        expect(report.retries).toEqual([]);
      }
      await expect.poll(() => simulator.activeRequests).toBe(0);
      expect(posts(simulator).map((post) => post.aborted)).toEqual([true, false].slice(0, count));
    }
  });
}

test("a timeout that was tried again says how often, and the total limit ends the tries", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    // To load takes of the time, too.
    await azure.init();
    let calls = 0;
    const fetch = () => {
      calls += 1;
      return new Promise<Response>(() => {});
    };
    const retryOptions = { retryUnknownOutcome: true, retryDelayInMs: 1, maxRetries: 2 };
    const make = (options: object) => new azure.AzureImageClient(endpoint, null, { deployment: "d", fetch, retryOptions, ...options });
    const { error: tries } = await helpers.outcome(make({ timeoutInMs: 50 }).generate({ prompt: "a lake" }));
    const first = calls;
    const { error: total } = await helpers.outcome(
      make({ timeoutInMs: 50, totalTimeoutInMs: 500, retryOptions: { ...retryOptions, maxRetries: 1000 } }).generate({ prompt: "a lake" }),
    );
    const second = calls - first;
    return { tries, total, first, again: second > 1 };
  }, simulator.url);
  expect(report).toMatchObject({ first: 3, again: true });
  expect(report.tries).toMatchObject({ code: "timeout", billed: "unknown" });
  expect(report.tries?.message).toContain("(timeoutInMs)");
  expect(report.tries?.message).toContain("The request was sent 3 times.");
  expect(report.total).toMatchObject({ code: "timeout", billed: "unknown" });
  expect(report.total?.message).toContain("(totalTimeoutInMs)");
});

test("an unknown outcome stays one, whatever the tries after it bring", async ({ page, simulator }) => {
  const errors = await page.evaluate(async (endpoint) => {
    const never = () => new Promise<never>(() => {});
    const answers =
      (...statuses: (number | "never")[]) =>
      () => {
        const status = statuses.shift() ?? 500;
        return status === "never" ? never() : Promise.resolve(new Response("{}", { status }));
      };
    const retryOptions = { retryUnknownOutcome: true, retryDelayInMs: 1, maxRetries: 1 };
    const outcome = async (credential: (() => string | Promise<string>) | null, options: object) =>
      (
        await helpers.outcome(
          new azure.AzureImageClient(endpoint, credential, { deployment: "d", retryOptions, ...options }).generate({ prompt: "a lake" }),
        )
      ).error;
    let asked = 0;
    return [
      await outcome(null, { fetch: answers(500, 400) }),
      await outcome(null, { fetch: answers("never", 429), timeoutInMs: 100 }),
      await outcome(() => (asked++ === 0 ? "token" : never()), { fetch: answers(500), timeoutInMs: 100 }),
    ];
  }, simulator.url);
  expect(errors.map((error) => [error?.code, error?.billed])).toEqual([
    ["invalid_request", "unknown"],
    ["rate_limit", "unknown"],
    ["timeout", "unknown"],
  ]);
});

test("a page's own fetch that heeds no signal: the call ends all the same, and what comes too late is closed", { tag: "@browser" }, async ({
  page,
  simulator,
}) => {
  const report = await page.evaluate(async (endpoint) => {
    await azure.init();
    let answer!: (response: Response) => void;
    let closed = false;
    const late = new Response(new ReadableStream({ cancel: () => void (closed = true) }));
    const fetch = () => new Promise<Response>((resolve) => (answer = resolve));
    const client = new azure.AzureImageClient(endpoint, null, { deployment: "d", fetch, timeoutInMs: 100 });
    const { error } = await helpers.outcome(client.generate({ prompt: "a lake" }));
    answer(late);
    for (let task = 0; task < 10; task += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    return { code: error?.code, closed };
  }, simulator.url);
  expect(report).toEqual({ code: "timeout", closed: true });
});

for (const streamed of [false, true]) {
  test(`a page's own fetch that never answers, or whose body never ends: ended by each limit${streamed ? ", streamed" : ""}`, async ({
    page,
    simulator,
  }) => {
    const report = await page.evaluate(
      async ([endpoint, streamed, preview]) => {
        const report = [];
        await azure.init();
        for (const [options, body] of [
          [{ timeoutInMs: 100 }, false],
          [{ totalTimeoutInMs: 100 }, false],
          [{ idleTimeoutInMs: 100 }, true],
          [{ totalTimeoutInMs: 100 }, true],
        ] as const) {
          let [closed, calls] = [0, 0];
          const fetch = (): Promise<Response> => {
            calls += 1;
            if (!body) return new Promise(() => {});
            const stream = new ReadableStream({
              start: (controller) => controller.enqueue(new TextEncoder().encode(preview)),
              // Closing it never succeeds.
              cancel: () => {
                closed += 1;
                return new Promise(() => {});
              },
            });
            return Promise.resolve(new Response(stream, { headers: { "content-type": "text/event-stream" } }));
          };
          const client = new azure.AzureImageClient(endpoint, null, { deployment: "d", fetch, ...options });
          const { signal: abortSignal } = new AbortController();
          const request = { prompt: "a lake" };
          const call = streamed ? client.generateStream(request, { abortSignal }).result() : client.generate(request, { abortSignal });
          const { error } = await helpers.outcome(call);
          const said = Object.keys(options).every((name) => error?.message.includes(`(${name})`));
          report.push([error?.code, error?.billed, said, closed, calls, helpers.listenersOf(abortSignal)]);
        }
        return report;
      },
      [simulator.url, streamed, PREVIEWS[0] ?? ""] as const,
    );
    expect(report).toEqual([
      ["timeout", "unknown", true, 0, 1, 0],
      ["timeout", "unknown", true, 0, 1, 0],
      ["timeout", "unknown", true, 1, 1, 0],
      ["timeout", "unknown", true, 1, 1, 0],
    ]);
  });
}

test("a body of chunks with nothing in them leaves the page its turn, and ends by the limit", async ({ page }) => {
  const report = await page.evaluate(async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const body = () => new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array()) });
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", {
      deployment: "gpt-image-1",
      totalTimeoutInMs: 300,
      fetch: async () => new Response(body(), { headers: { "content-type": "text/event-stream" } }),
    });
    const outcome = await helpers.outcome(client.generateStream({ prompt: "a lake" }).result());
    clearInterval(timer);
    return { outcome, turns };
  });
  expect(report.outcome.error?.code).toBe("timeout");
  expect(report.turns).toBeGreaterThan(3);
});

test("of several streams the one that stalls fails alone", { tag: "@nightly" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", idleTimeoutInMs: 2000 });
    const stream = client.generateStream({ prompt: "a lake [stall] [times=1]", n: 3, partialImages: 1 });
    const seen: [number, string][] = [];
    for await (const { imageIndex, type } of stream) seen.push([imageIndex, type]);
    const { images, failures = [] } = await stream.result();
    const failure = failures[0] && { imageIndex: failures[0].imageIndex, error: await helpers.describeError(failures[0].error) };
    stream.dispose();
    return { seen, failures: failures.length, failure, hashes: await Promise.all(images.map(({ blob }) => helpers.sha256(blob))) };
  }, simulator.url);
  expect(report.failures).toBe(1);
  const failed = report.failure?.imageIndex ?? -1;
  const error: ErrorReport | undefined = report.failure?.error;
  expect(error).toMatchObject({ code: "timeout", billed: "unknown", retryable: true });
  expect(error?.message).toContain("(idleTimeoutInMs)");
  expect(error?.lastPartialImage).toBeDefined();
  for (const imageIndex of [0, 1, 2]) {
    const types = report.seen.filter(([index]) => index === imageIndex).map(([, type]) => type);
    expect(types).toEqual(imageIndex === failed ? ["partialImage"] : ["partialImage", "image"]);
  }
  expect(report.hashes.toSorted()).toEqual(sent(simulator, "final").toSorted());
  expect(posts(simulator)).toHaveLength(3);
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("of several that all fail, one may have been billed: so may the call", async ({ page, simulator }) => {
  const { error } = await page.evaluate(async (endpoint) => {
    // Else the WebAssembly may take all of that time.
    await azure.init();
    let calls = 0;
    const fetch = () => (calls++ === 0 ? Promise.resolve(new Response("{}", { status: 400 })) : new Promise<never>(() => {}));
    const client = new azure.AzureImageClient(endpoint, null, { deployment: "d", fetch, timeoutInMs: 100 });
    return helpers.outcome(client.generateStream({ prompt: "a lake", n: 2 }).result());
  }, simulator.url);
  expect(error).toMatchObject({ billed: "unknown" });
});

/** An answer that the test feeds to a call of the page. */
interface Fed {
  /** More of the answer; without a text: its end. */
  next(text?: string): void;
  partialImages: number;
  received: number;
  /** How the call ended, once it has. */
  settled?: string;
  outcome: Promise<Outcome>;
}

declare global {
  var fed: Fed;
}

interface Begun {
  options: Limits;
  answers: "never" | "headers" | "no token";
  streamed?: boolean;
}

const MINUTE = 60_000;

test.describe("by the clock", { tag: "@nightly" }, () => {
  test.use({ ownContext: true });

  test.beforeEach(async ({ page, pages }) => {
    await page.clock.install();
    await page.goto(pages.origin);
    await page.evaluate(() => azure.init());
    // From here on it stands still, however long the machine takes.
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + MINUTE);
  });

  /** Begins a call. `answers`: how far the answer comes by itself. */
  const begin = ({ options, answers, streamed = true }: Begun) => {
    let source!: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (source = controller) });
    const headers = { "content-type": "text/event-stream" };
    const fetch = () => (answers === "never" ? new Promise<Response>(() => {}) : Promise.resolve(new Response(body, { headers })));
    const credential = answers === "no token" ? () => new Promise<string>(() => {}) : null;
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", credential, { deployment: "d", fetch, ...options });
    const onProgress = ({ partialImages, receivedBytes }: Progress) => void Object.assign(fed, { partialImages, received: receivedBytes });
    const request = { prompt: "a lake" };
    const call = streamed ? client.generateStream(request, { onProgress }).result() : client.generate(request, { onProgress });
    globalThis.fed = {
      next: (text) => (text === undefined ? source.close() : source.enqueue(new TextEncoder().encode(text))),
      partialImages: 0,
      received: 0,
      outcome: helpers.outcome(call),
    };
    fed.outcome.then(({ error }) => (fed.settled = error?.code ?? "ok"));
  };

  for (const options of [
    {},
    { timeoutInMs: 30_000, idleTimeoutInMs: 30_000 },
    { timeoutInMs: 30_000, idleTimeoutInMs: 30_000, totalTimeoutInMs: 7 * MINUTE },
  ]) {
    test(`6 minutes with something every 20 s are not too long, with ${JSON.stringify(options)}`, async ({ page }) => {
      await page.evaluate(begin, { options, answers: "headers" as const });
      for (let event = 1; event <= 17; event += 1) {
        await page.clock.runFor(20_000);
        await page.evaluate((text) => fed.next(text), PREVIEWS[event % PREVIEWS.length]!);
        await expect.poll(() => page.evaluate(() => fed.partialImages)).toBe(event);
      }
      await page.clock.runFor(20_000);
      expect(await page.evaluate(() => fed.settled)).toBeUndefined();
      const { ok, error } = await page.evaluate((text) => {
        fed.next(text);
        fed.next();
        return fed.outcome;
      }, COMPLETED[0]!);
      expect(error).toBeUndefined();
      expect(ok?.images).toHaveLength(1);
    });
  }

  test("an answer of 9 minutes and 59 seconds in one piece is not too late", async ({ page }) => {
    await page.evaluate(begin, { options: {}, answers: "headers" as const });
    await page.clock.runFor(10 * MINUTE - 1000);
    expect(await page.evaluate(() => fed.settled)).toBeUndefined();
    const { ok } = await page.evaluate((text) => (fed.next(text), fed.next(), fed.outcome), EVENTS.join(""));
    expect(ok?.images).toHaveLength(1);
  });

  for (const streamed of [false, true]) {
    for (const [answers, name, billed] of [
      ["no token", "timeoutInMs", "no"],
      ["never", "timeoutInMs", "unknown"],
      ["headers", "idleTimeoutInMs", "unknown"],
    ] as const) {
      test(`a silence of 10 minutes is the end by default: ${answers}, ${streamed ? "streamed" : "plain"}`, async ({ page }) => {
        await page.evaluate(begin, { options: {}, answers, streamed });
        await page.clock.runFor(10 * MINUTE - 1000);
        expect(await page.evaluate(() => fed.settled)).toBeUndefined();
        await page.clock.runFor(2000);
        const { error } = await page.evaluate(() => fed.outcome);
        expect(error).toMatchObject({ code: "timeout", billed, retryable: true });
        expect(error?.message).toContain(`600 s (${name})`);
      });
    }
  }

  test("a silence of 10 minutes after a preview is the end, with the preview", async ({ page }) => {
    await page.evaluate(begin, { options: {}, answers: "headers" as const });
    await page.clock.runFor(9 * MINUTE);
    await page.evaluate((text) => fed.next(text), PREVIEWS[0]!);
    await expect.poll(() => page.evaluate(() => fed.partialImages)).toBe(1);
    await page.clock.runFor(10 * MINUTE - 1000);
    expect(await page.evaluate(() => fed.settled)).toBeUndefined();
    await page.clock.runFor(2000);
    const { error } = await page.evaluate(() => fed.outcome);
    expect(error).toMatchObject({ code: "timeout", billed: "unknown", lastPartialImage: { mediaType: "image/png" } });
    expect(error?.message).toContain(`after the first ${PREVIEWS[0]!.length} bytes`);
  });

  test("each byte lets idleTimeoutInMs count anew", async ({ page }) => {
    await page.evaluate(begin, { options: { idleTimeoutInMs: 30_000, timeoutInMs: 30_000 }, answers: "headers" as const });
    const whole = EVENTS.join("");
    for (let byte = 0; byte < 40; byte += 1) {
      await page.clock.runFor(29_000);
      await page.evaluate((text) => fed.next(text), whole[byte]!);
      await expect.poll(() => page.evaluate(() => fed.received)).toBe(byte + 1);
    }
    const { ok } = await page.evaluate((text) => (fed.next(text), fed.next(), fed.outcome), whole.slice(40));
    expect(ok?.images).toHaveLength(1);
  });

  test("totalTimeoutInMs ends a stream that is alive, with its last preview", async ({ page }) => {
    await page.evaluate(begin, { options: { totalTimeoutInMs: MINUTE }, answers: "headers" as const });
    for (let event = 1; event <= 2; event += 1) {
      await page.clock.runFor(20_000);
      await page.evaluate((text) => fed.next(text), PREVIEWS[event % PREVIEWS.length]!);
      await expect.poll(() => page.evaluate(() => fed.partialImages)).toBe(event);
    }
    await page.clock.runFor(19_000);
    expect(await page.evaluate(() => fed.settled)).toBeUndefined();
    await page.clock.runFor(2000);
    const { error } = await page.evaluate(() => fed.outcome);
    expect(error).toMatchObject({ code: "timeout", billed: "unknown", lastPartialImage: { mediaType: "image/png" } });
    expect(error?.message).toContain("60 s (totalTimeoutInMs)");
  });

  for (const answers of ["never", "headers", "no token"] as const) {
    test(`0 sets no limit, and no timer: ${answers}`, async ({ page }) => {
      await page.evaluate(begin, { options: { timeoutInMs: 0, idleTimeoutInMs: 0, totalTimeoutInMs: 0 }, answers });
      await page.clock.runFor(24 * 60 * MINUTE);
      expect(await page.evaluate(() => [fed.settled, helpers.running().timers])).toEqual([undefined, 0]);
      if (answers !== "headers") return;
      const { ok } = await page.evaluate((text) => (fed.next(text), fed.next(), fed.outcome), EVENTS.join(""));
      expect(ok?.images).toHaveLength(1);
    });
  }
});

test("a WebAssembly that does not load is a timeout, and the next call has it when it came", { tag: "@browser" }, async ({
  page,
  pages,
  simulator,
}) => {
  let load!: () => void;
  const until = new Promise<void>((resolve) => (load = resolve));
  pages.before.set(WASM, () => until);
  await page.goto(pages.origin);
  const call = (endpoint: string) =>
    helpers.outcome(
      new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", timeoutInMs: 300 }).generate({
        prompt: "a [status=400]",
      }),
    );
  const late = await page.evaluate(call, simulator.url);
  expect(late.error).toMatchObject({ code: "timeout", billed: "no", retryable: true });
  expect(late.error?.message).toContain("(timeoutInMs)");
  expect(simulator.requests).toEqual([]);
  load();
  pages.before.delete(WASM);
  await page.evaluate(() => azure.init());
  expect((await page.evaluate(call, simulator.url)).error?.status).toBe(400);
});

test("an image that arrived while the page was suspended wins over every timeout", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    await azure.init();
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const outcomes = [];
    for (const limits of [{ totalTimeoutInMs: 1000 }, { timeoutInMs: 1000 }, { totalTimeoutInMs: 1000, timeoutInMs: 1000, idleTimeoutInMs: 1000 }]) {
      const onProgress = ({ stage }: Progress) => {
        if (stage !== "waiting") return;
        // Neither timers nor data reach a page that is suspended.
        const end = performance.now() + 3500;
        while (performance.now() < end);
      };
      const { ok, error } = await helpers.outcome(client.generate({ prompt: "a lake", quality: "low" }, { ...limits, onProgress }));
      outcomes.push(error?.message ?? ok?.images.length);
    }
    return outcomes;
  }, simulator.url);
  expect(report).toEqual([1, 1, 1]);
});
