import type { Page } from "@playwright/test";
import { startSimulator, type RequestEntry, type Simulator } from "azure-image-simulator";
import { expect, test as base, type ErrorReport, type Outcome } from "./fixtures.js";

/** Part of every token here, so that a token is found wherever it got to. */
const SECRET = "s3cr3t";

/** A simulator that takes the tokens it is told. */
interface Guard {
  simulator: Simulator;
  url: string;
  accepted: Set<string>;
  /** The tokens that came, in order, whether taken or not. */
  tokens(): string[];
  posts(): RequestEntry[];
}

/** What a credential of the page was asked. */
interface Asked {
  scopes?: string[];
  forceRefresh: boolean;
  aborted: boolean;
}

type Question = { abortSignal: AbortSignal; forceRefresh: boolean };

declare global {
  /** A TokenCredential that answers the n-th question, from 1 on, as told. */
  var credentialOf: (answer: (n: number, question: Question) => unknown) => Azured & { asked: Asked[] };
  var requestOf: (prompt?: string) => { prompt: string; deployment: string; size: string; responseFormat: string };
  /** A token with so many milliseconds to live. */
  var tokenOf: (name: string, lifeInMs?: number) => { token: string; expiresOnTimestamp: number };
  /** Takes the clock of the page into the test's hand. */
  var stopClock: () => { advance(milliseconds: number): void };
  var kept: Record<string, any>;
}
type Azured = { getToken(scopes: string | string[], options?: { abortSignal?: AbortSignal }): Promise<any> };

const test = base.extend<{ guard: Guard; tools: void }, { guarding: Guard }>({
  guarding: [
    async ({}, use) => {
      const accepted = new Set<string>();
      const simulator = await startSimulator({ bearerToken: (token) => accepted.has(token) });
      const posts = () => simulator.requests.filter((request) => request.method === "POST");
      const tokens = () => posts().map((request) => request.headers["authorization"]?.replace(/^Bearer s3cr3t-/, "") ?? "none");
      await use({ simulator, url: simulator.url, accepted, posts, tokens });
      await simulator.close();
    },
    { scope: "worker" },
  ],
  guard: async ({ guarding }, use) => {
    guarding.simulator.reset();
    guarding.accepted.clear();
    for (const name of ["good", "1", "2", "3", "4"]) guarding.accepted.add(`${SECRET}-${name}`);
    await use(guarding);
  },
  tools: [
    async ({ page }, use) => {
      await page.evaluate(() => {
        globalThis.kept = {};
        globalThis.requestOf = (prompt = "a lake") => ({ prompt, deployment: "dall-e-2", size: "256x256", responseFormat: "b64_json" });
        globalThis.tokenOf = (name, lifeInMs = 3_600_000) => ({ token: `s3cr3t-${name}`, expiresOnTimestamp: Date.now() + lifeInMs });
        globalThis.credentialOf = (answer) => {
          const asked: Asked[] = [];
          return {
            asked,
            getToken(scopes: string | string[], options: unknown) {
              const question = options as Question;
              const entry: Asked = { scopes: [scopes].flat(), forceRefresh: question.forceRefresh, aborted: question.abortSignal.aborted };
              question.abortSignal.addEventListener("abort", () => (entry.aborted = true), { once: true });
              asked.push(entry);
              return answer(asked.length, question) as Promise<never>;
            },
          };
        };
        globalThis.stopClock = () => {
          let now = Date.now();
          Date.now = () => now;
          return { advance: (milliseconds) => void (now += milliseconds) };
        };
      });
      await use();
      expect(await page.evaluate(() => helpers.printed), "what the console was told").toEqual([]);
      const urls = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
      for (const url of urls) expect(url, "a URL").not.toContain(SECRET);
    },
    { auto: true },
  ],
});

/** The error of a call that must fail, after a look for tokens in it. */
function errorOf(outcome: Outcome | undefined): ErrorReport {
  expect(outcome?.error, "an error").toBeDefined();
  const { cause: _, ...error } = outcome!.error!;
  expect(JSON.stringify(error)).not.toContain(SECRET);
  expect(error.isAzureImageError).toBe(true);
  expect(error.code).not.toBe("internal");
  return outcome!.error!;
}

const forces = (asked: Asked[]) => asked.map(({ forceRefresh }) => forceRefresh);

/** Calls with a credential that gives each of `answers`, evaluated in the page; how it ended, by answer. */
function withAnswers(page: Page, endpoint: string, answers: readonly string[]): Promise<[answer: string, outcome: Outcome][]> {
  return page.evaluate(
    async ([endpoint, answers]) => {
      const outcomes: [string, Outcome][] = [];
      for (const answer of answers) {
        const client = new azure.AzureImageClient(endpoint, { getToken: () => (0, eval)(answer) as never });
        outcomes.push([answer, await helpers.outcome(client.generate(requestOf()))]);
      }
      return outcomes;
    },
    [endpoint, answers] as const,
  );
}

test.describe("what is kept", () => {
  for (const [form, source] of [
    ["of the Azure SDK", "({ token: 's3cr3t-' + n, expiresOnTimestamp: end })"],
    ["of the Azure SDK with a Date", "({ token: 's3cr3t-' + n, expiresOnTimestamp: new Date(end) })"],
    ["of MSAL", "({ accessToken: 's3cr3t-' + n, expiresOn: new Date(end) })"],
  ] as const) {
    for (const kind of ["credential", "function"] as const) {
      test(`a token ${form} from a ${kind} is kept until two minutes before its end, to the millisecond`, {
        tag: kind === "function" ? "@nightly" : [],
      }, async ({ page, guard }) => {
        const asked = await page.evaluate(
          async ([endpoint, source, kind]) => {
            const clock = stopClock();
            const make = new Function("n", "end", `return ${source}`);
            const credential = credentialOf(async (n) => make(n, Date.now() + 3_600_000));
            const given = kind === "credential" ? credential : (question: any) => credential.getToken([], question);
            const client = new azure.AzureImageClient(endpoint, given as never);
            await client.generate(requestOf());
            clock.advance(58 * 60_000 - 1);
            await client.generate(requestOf());
            clock.advance(1);
            await client.generate(requestOf());
            await client.generate(requestOf());
            return credential.asked;
          },
          [guard.url, source, kind] as const,
        );
        expect(forces(asked)).toEqual([false, false]);
        expect(guard.tokens()).toEqual(["1", "1", "2", "2"]);
      });
    }
  }

  test("a token is asked for anew from refreshAfterTimestamp on, and two minutes before its end if that is earlier", async ({ page, guard }) => {
    const counts = await page.evaluate(async (endpoint) => {
      const clock = stopClock();
      const counts = [];
      for (const refreshAfterInMs of [600_000, 3_599_000]) {
        const credential = credentialOf(async () => ({ ...tokenOf("good"), refreshAfterTimestamp: Date.now() + refreshAfterInMs }));
        const client = new azure.AzureImageClient(endpoint, credential);
        await client.generate(requestOf());
        for (const wait of [599_999, 1, 0]) {
          clock.advance(wait);
          await client.generate(requestOf());
          counts.push(credential.asked.length);
        }
        clock.advance(3_480_000);
        await client.generate(requestOf());
        counts.push(credential.asked.length);
      }
      return counts;
    }, guard.url);
    expect(counts).toEqual([1, 2, 2, 3, 1, 1, 1, 2]);
  });

  test("what says no end is asked for before each request, and what lives less than two minutes too", async ({ page, guard }) => {
    const counts = await page.evaluate(async (endpoint) => {
      const end = Date.now() + 100_000;
      const answers: unknown[] = [
        "s3cr3t-good",
        { token: "s3cr3t-good" },
        { accessToken: "s3cr3t-good" },
        { accessToken: "s3cr3t-good", expiresOn: null },
        { token: "s3cr3t-good", expiresOnTimestamp: end },
      ];
      const counts = [];
      for (const answer of answers) {
        let asked = 0;
        const client = new azure.AzureImageClient(endpoint, () => {
          asked += 1;
          return answer as string;
        });
        await client.generate(requestOf());
        await client.generate(requestOf());
        counts.push(asked);
      }
      return counts;
    }, guard.url);
    expect(counts).toEqual([2, 2, 2, 2, 2]);
    expect(new Set(guard.tokens())).toEqual(new Set(["good"]));
  });

  test("a token is good for one client only", async ({ page, guard }) => {
    const asked = await page.evaluate(async (endpoint) => {
      const credential = credentialOf(async (n) => tokenOf(String(n)));
      await new azure.AzureImageClient(endpoint, credential).generate(requestOf());
      await new azure.AzureImageClient(endpoint, credential).generate(requestOf());
      return credential.asked.length;
    }, guard.url);
    expect(asked).toBe(2);
    expect(guard.tokens()).toEqual(["1", "2"]);
  });

  test("a token due to be replaced is used on as long as it lives, when no new one is to be had", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const clock = stopClock();
      const bad: (() => unknown)[] = [
        () => Promise.reject(new Error("offline")),
        () => {
          throw new Error("offline");
        },
        () => null,
        () => "",
        () => tokenOf("old", -1),
        () => ({ token: "s3cr3t with blanks", expiresOnTimestamp: Date.now() + 3_600_000 }),
      ];
      const credential = credentialOf((n) => (n === 1 ? tokenOf("1") : bad[n - 2] ? bad[n - 2]!() : tokenOf("2")));
      const client = new azure.AzureImageClient(endpoint, credential);
      await client.generate(requestOf());
      clock.advance(58 * 60_000);
      for (const _ of bad) await client.generate(requestOf());
      const whileAlive = credential.asked.length;
      await client.generate(requestOf());
      return { whileAlive, all: credential.asked.length };
    }, guard.url);
    expect(report).toEqual({ whileAlive: 7, all: 8 });
    expect(guard.tokens()).toEqual(["1", "1", "1", "1", "1", "1", "1", "2"]);
  });

  test("a dead token is not used when no new one is to be had", async ({ page, guard }) => {
    const outcome = await page.evaluate(async (endpoint) => {
      const clock = stopClock();
      const credential = credentialOf((n) => (n === 1 ? tokenOf("1") : Promise.reject(new Error("offline"))));
      const client = new azure.AzureImageClient(endpoint, credential);
      await client.generate(requestOf());
      clock.advance(3_600_000);
      return helpers.outcome(client.generate(requestOf()));
    }, guard.url);
    expect(errorOf(outcome)).toMatchObject({ code: "authentication", billed: "no", cause: "Error: offline" });
    expect(guard.tokens()).toEqual(["1"]);
  });
});

test.describe("how the credential is asked", () => {
  test("a TokenCredential gets its scopes, the options and its own this; a function gets the question alone", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      class Credential {
        #secret = tokenOf("good");
        arguments: unknown[][] = [];
        async getToken(...parameters: unknown[]) {
          this.arguments.push(parameters);
          return this.#secret;
        }
      }
      const credential = new Credential();
      await new azure.AzureImageClient(endpoint, credential).generate(requestOf());
      const calls: unknown[][] = [];
      await new azure.AzureImageClient(endpoint, (...parameters) => {
        calls.push(parameters);
        return tokenOf("good");
      }).generate(requestOf());
      const describe = (value: any) =>
        value && "abortSignal" in value ? { ...value, abortSignal: value.abortSignal instanceof AbortSignal && !value.abortSignal.aborted } : value;
      return [credential.arguments, calls].map((calls) => calls.map((call) => call.map(describe)));
    }, guard.url);
    const question = { abortSignal: true, forceRefresh: false };
    expect(report).toEqual([[[["https://cognitiveservices.azure.com/.default"], question]], [[question]]]);
  });

  test("the header is exactly Bearer and the token, without an api-key, with blanks around it taken off", async ({ page, guard }) => {
    await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, () => " s3cr3t-good\r\n");
      await client.generate(requestOf());
    }, guard.url);
    expect(guard.posts().map(({ headers, query, body }) => [headers["authorization"], headers["api-key"], query, body])).toEqual([
      [
        "Bearer s3cr3t-good",
        undefined,
        { "api-version": "preview" },
        { model: "dall-e-2", prompt: "a lake", size: "256x256", response_format: "b64_json" },
      ],
    ]);
    expect(JSON.stringify(guard.posts()[0]?.body)).not.toContain(SECRET);
  });

  for (const [name, source] of [
    ["at once", "(n) => tokenOf('good')"],
    ["later", "(n) => new Promise((resolve) => { kept.answer = () => resolve(tokenOf('good')); })"],
    ["later, a text alone", "(n) => new Promise((resolve) => { kept.answer = () => resolve('s3cr3t-good'); })"],
  ] as const) {
    test(`ten calls at the same time ask once, a credential that answers ${name}`, async ({ page, guard }) => {
      const asked = await page.evaluate(
        async ([endpoint, source]) => {
          const credential = credentialOf((0, eval)(source));
          const client = new azure.AzureImageClient(endpoint, credential);
          // The engine is there before, so that all ten begin in one go.
          await client.getEndpoint();
          const calls = Array.from({ length: 10 }, (_, index) => client.generate(requestOf(`a lake ${index}`)));
          while (credential.asked.length === 0) await new Promise((resolve) => setTimeout(resolve));
          kept["answer"]?.();
          await Promise.all(calls);
          return credential.asked;
        },
        [guard.url, source] as const,
      );
      expect(forces(asked)).toEqual([false]);
      expect(guard.tokens()).toEqual(Array(10).fill("good"));
    });
  }

  test("20 pictures are two requests and one question, for a function that gives a text alone too", { tag: "@nightly" }, async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const report = [];
      const bare = { asked: [] as unknown[], getToken: async () => (bare.asked.push(0), "s3cr3t-good") as never };
      for (const credential of [credentialOf(async () => tokenOf("good")), bare]) {
        const { images } = await new azure.AzureImageClient(endpoint, credential).generate({ ...requestOf(), n: 20 });
        report.push([images.length, credential.asked.length]);
      }
      return report;
    }, guard.url);
    expect(report).toEqual([
      [20, 1],
      [20, 1],
    ]);
    expect(guard.posts().map(({ body }) => (body as { n: number }).n)).toEqual([10, 10, 10, 10]);
  });

  test("ten calls at the same time with a token that is due ask once", async ({ page, guard }) => {
    const asked = await page.evaluate(async (endpoint) => {
      const clock = stopClock();
      const credential = credentialOf(async (n) => tokenOf(String(n)));
      const client = new azure.AzureImageClient(endpoint, credential);
      await client.generate(requestOf());
      clock.advance(59 * 60_000);
      await Promise.all(Array.from({ length: 10 }, () => client.generate(requestOf())));
      return credential.asked.length;
    }, guard.url);
    expect(asked).toBe(2);
    expect(guard.tokens()).toEqual(["1", ...Array(10).fill("2")]);
  });

  test("the scopes follow the endpoint and can be set, as a text or an array", async ({ page, guard }) => {
    const scopes = await page.evaluate(async (url) => {
      const report: Record<string, unknown> = {};
      const resource = "https://my-resource.openai.azure.com";
      const project = "https://my-resource.services.ai.azure.com/api/projects/my-project";
      const cases: [endpoint: string, options?: { scopes?: string | string[] }][] = [
        [resource],
        [`${resource}/openai/deployments/d/images/generations?api-version=2025-04-01-preview`],
        ["https://my-resource.services.ai.azure.com"],
        ["https://my-resource.cognitiveservices.azure.com"],
        [project],
        [`${project}/openai/v1`],
        [`${url}/api/projects/my-project`],
        [`${location.origin}/api/azure`],
        [project, { scopes: "https://cognitiveservices.azure.com/.default" }],
        [resource, { scopes: "api://my-gateway/use" }],
        [resource, { scopes: ["api://my-gateway/use", "openid"] }],
        [resource, { scopes: [] }],
      ];
      for (const [endpoint, options] of cases) {
        // Gives no token, so nothing is sent.
        const credential = credentialOf(() => null);
        const { error } = await helpers.outcome(new azure.AzureImageClient(endpoint, credential, options).generate(requestOf()));
        report[`${endpoint} ${JSON.stringify(options?.scopes)}`.replace(url, "URL").replace(location.origin, "PAGE")] =
          credential.asked[0]?.scopes ?? error?.message;
      }
      return report;
    }, guard.url);
    const [resource, project] = [["https://cognitiveservices.azure.com/.default"], ["https://ai.azure.com/.default"]];
    expect(scopes).toEqual({
      "https://my-resource.openai.azure.com undefined": resource,
      "https://my-resource.openai.azure.com/openai/deployments/d/images/generations?api-version=2025-04-01-preview undefined": resource,
      "https://my-resource.services.ai.azure.com undefined": resource,
      "https://my-resource.cognitiveservices.azure.com undefined": resource,
      "https://my-resource.services.ai.azure.com/api/projects/my-project undefined": project,
      "https://my-resource.services.ai.azure.com/api/projects/my-project/openai/v1 undefined": project,
      "URL/api/projects/my-project undefined": project,
      "PAGE/api/azure undefined": resource,
      'https://my-resource.services.ai.azure.com/api/projects/my-project "https://cognitiveservices.azure.com/.default"': resource,
      'https://my-resource.openai.azure.com "api://my-gateway/use"': ["api://my-gateway/use"],
      'https://my-resource.openai.azure.com ["api://my-gateway/use","openid"]': ["api://my-gateway/use", "openid"],
      "https://my-resource.openai.azure.com []": [],
    });
    expect(guard.tokens()).toEqual([]);
  });

  test("scopes that are neither a text nor texts are refused", async ({ page, guard }) => {
    const codes = await page.evaluate(async (endpoint) => {
      const codes = [];
      for (const scopes of [42, {}, ["a", 1], [null]]) {
        const client = new azure.AzureImageClient(
          endpoint,
          credentialOf(() => tokenOf("good")),
          { scopes: scopes as never },
        );
        const { error } = await helpers.outcome(client.generate(requestOf()));
        codes.push(`${error?.code} ${error?.param}`);
      }
      return codes;
    }, guard.url);
    expect(codes).toEqual(Array(4).fill("invalid_request scopes"));
  });

  test("a credential that changes its scopes, or a page that changes them later, changes no other question", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const scopes = ["api://a/use"];
      const asked: string[][] = [];
      const credential = {
        getToken: async (scopes: string | string[]) => {
          asked.push([...scopes]);
          (scopes as string[]).push("openid");
          return tokenOf("good", 60_000);
        },
      };
      const client = new azure.AzureImageClient(endpoint, credential, { scopes });
      scopes[0] = "api://changed/use";
      await client.generate(requestOf());
      await client.generate(requestOf());
      return asked;
    }, guard.url);
    expect(report).toEqual([["api://a/use"], ["api://a/use"]]);
  });

  test("a Foundry project gets a token for its own scope, which goes to the resource's Images API", async ({ page, guard }) => {
    const report = await page.evaluate(async (simulator) => {
      const seen: string[] = [];
      const credential = credentialOf(async () => tokenOf("good"));
      const client = new azure.AzureImageClient("https://my-resource.services.ai.azure.com/api/projects/my-project", credential, {
        fetch: async (request) => {
          const { origin, pathname, search } = new URL(request.url);
          seen.push(origin + pathname);
          return fetch(simulator + pathname + search, { method: request.method, headers: request.headers, body: await request.text() });
        },
      });
      const { images } = await client.generate(requestOf());
      return { images: images.length, scopes: credential.asked.map(({ scopes }) => scopes), seen };
    }, guard.url);
    expect(report).toEqual({
      images: 1,
      scopes: [["https://ai.azure.com/.default"]],
      seen: ["https://my-resource.services.ai.azure.com/openai/v1/images/generations"],
    });
    expect(guard.tokens()).toEqual(["good"]);
  });
});

test.describe("after a 401", () => {
  test("the credential is asked once more, by force, and the request goes again with its new token", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const controller = new AbortController();
      const credential = credentialOf(async (n) => tokenOf(["refused", "good"][n - 1] ?? "more"));
      const client = new azure.AzureImageClient(endpoint, credential);
      const stages: string[] = [];
      const onProgress = ({ stage, retry }: { stage: string; retry?: { retries: number } }) =>
        stages.at(-1)?.startsWith(stage) || stages.push(stage + (retry ? retry.retries : ""));
      const { images } = await client.generate(requestOf(), { abortSignal: controller.signal, onProgress });
      const listeners = helpers.listenersOf(controller.signal);
      await client.generate(requestOf());
      return { images: images.length, asked: credential.asked, stages, listeners };
    }, guard.url);
    expect(report.images).toBe(1);
    expect(forces(report.asked)).toEqual([false, true]);
    expect(report.asked.map(({ aborted }) => aborted)).toEqual([false, false]);
    expect(report.listeners).toBe(0);
    expect(guard.tokens()).toEqual(["refused", "good", "good"]);
    expect(report.stages).toEqual(["authenticating", "waiting", "retrying0", "authenticating", "waiting", "receiving", "completed"]);
  });

  test("a credential that gives the same token again ends the call at once, with a sentence about it", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const credential = credentialOf(async () => tokenOf("refused"));
      const outcome = await helpers.outcome(new azure.AzureImageClient(endpoint, credential).generate(requestOf()));
      return { outcome, asked: credential.asked };
    }, guard.url);
    const error = errorOf(report.outcome);
    expect(error).toMatchObject({ code: "authentication", status: 401, billed: "no", retryable: false });
    expect(error.message).toContain("The credential returned the same token again after a refresh.");
    expect(forces(report.asked)).toEqual([false, true]);
    expect(guard.tokens()).toEqual(["refused"]);
  });

  test("two of them end the call after two requests", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const credential = credentialOf(async (n) => tokenOf(`refused-${n}`));
      const outcome = await helpers.outcome(new azure.AzureImageClient(endpoint, credential).generate(requestOf()));
      return { outcome, asked: credential.asked };
    }, guard.url);
    const error = errorOf(report.outcome);
    expect(error).toMatchObject({ code: "authentication", status: 401, billed: "no", retryable: false });
    expect(error.message).not.toContain("the same token again");
    expect(forces(report.asked)).toEqual([false, true]);
    expect(guard.tokens()).toEqual(["refused-1", "refused-2"]);
  });

  test("retryOptions have no say in it", async ({ page, guard }) => {
    const ok = await page.evaluate(async (endpoint) => {
      const credential = credentialOf(async (n) => tokenOf(n === 1 ? "refused" : "good"));
      const client = new azure.AzureImageClient(endpoint, credential, { retryOptions: { maxRetries: 0 } });
      return (await client.generate(requestOf())).images.length;
    }, guard.url);
    expect(ok).toBe(1);
    expect(guard.tokens()).toEqual(["refused", "good"]);
  });

  test("a credential that fails then is named, and the refused token is not sent by the next call", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const credential = credentialOf(async (n) => {
        if (n === 2) throw new Error("signed out");
        return tokenOf(n === 1 ? "refused" : "good");
      });
      const client = new azure.AzureImageClient(endpoint, credential);
      const first = await helpers.outcome(client.generate(requestOf()));
      const second = await helpers.outcome(client.generate(requestOf()));
      return { first, second: second.ok?.images.length, asked: credential.asked };
    }, guard.url);
    expect(errorOf(report.first)).toMatchObject({ code: "authentication", billed: "no", cause: "Error: signed out" });
    expect(report.second).toBe(1);
    expect(guard.tokens(), "a token known to be refused is dropped").toEqual(["refused", "good"]);
  });

  test("two refused tokens are both forgotten", async ({ page, guard }) => {
    await page.evaluate(async (endpoint) => {
      const credential = credentialOf(async (n) => tokenOf(n < 3 ? `refused-${n}` : "good"));
      const client = new azure.AzureImageClient(endpoint, credential);
      await helpers.outcome(client.generate(requestOf()));
      await helpers.outcome(client.generate(requestOf()));
    }, guard.url);
    expect(guard.tokens(), "a token known to be refused is dropped").toEqual(["refused-1", "refused-2", "good"]);
  });

  test("calls that were refused side by side cause one refresh", async ({ page, guard }) => {
    const setUp = await page.evaluate(async (endpoint) => {
      const credential = credentialOf(async (n) => tokenOf(String(n)));
      const client = new azure.AzureImageClient(endpoint, credential);
      await client.generate(requestOf());
      Object.assign(kept, { client, credential });
      return credential.asked.length;
    }, guard.url);
    expect(setUp).toBe(1);
    guard.accepted.delete(`${SECRET}-1`);
    const asked = await page.evaluate(async () => {
      await Promise.all(Array.from({ length: 6 }, (_, index) => kept["client"].generate(requestOf(`a lake ${index}`))));
      return kept["credential"].asked as Asked[];
    });
    expect(forces(asked)).toEqual([false, true]);
    expect(guard.tokens().sort()).toEqual(["1", "1", "1", "1", "1", "1", "1", "2", "2", "2", "2", "2", "2"]);
  });

  test("a call that begins during the refresh waits for it, and does not send the refused token once more", async ({ page, guard }) => {
    const asked = await page.evaluate(async (endpoint) => {
      let answer!: (token: unknown) => void;
      const credential = credentialOf((n) => (n === 1 ? tokenOf("refused") : new Promise((resolve) => (answer = resolve))));
      const client = new azure.AzureImageClient(endpoint, credential);
      const first = client.generate(requestOf("first"));
      while (!answer) await new Promise((resolve) => setTimeout(resolve));
      let goOn!: () => void;
      const isRefusedOrWaits = new Promise<void>((resolve) => (goOn = resolve));
      const stages: string[] = [];
      const second = client.generate(requestOf("second"), {
        onProgress: ({ stage }) => {
          if (stages.at(-1) !== stage) stages.push(stage);
          if (stages.length === 1) setTimeout(() => stages.length === 1 && goOn());
          if (stage === "retrying") goOn();
        },
      });
      await isRefusedOrWaits;
      answer(tokenOf("good"));
      await Promise.all([first, second]);
      return credential.asked;
    }, guard.url);
    expect(forces(asked)).toEqual([false, true]);
    expect(guard.tokens(), "a token known to be refused is dropped").toEqual(["refused", "good", "good"]);
  });

  test("one that is refused late uses the token that another has got since", async ({ page, guard }) => {
    const asked = await page.evaluate(async (endpoint) => {
      const credential = credentialOf(async (n) => tokenOf(n === 1 ? "refused" : "good"));
      // Holds the second answer back until the first call is through.
      let first!: () => void;
      const firstIsThrough = new Promise<void>((resolve) => (first = resolve));
      const client = new azure.AzureImageClient(endpoint, credential, {
        fetch: async (request) => {
          const late = (await request.clone().json()).prompt === "late";
          const response = await fetch(request);
          if (late && response.status === 401) await firstIsThrough;
          return response;
        },
      });
      const late = client.generate(requestOf("late"));
      await client.generate(requestOf("early"));
      first();
      await late;
      return credential.asked;
    }, guard.url);
    expect(forces(asked)).toEqual([false, true]);
    expect(guard.tokens().sort()).toEqual(["good", "good", "refused", "refused"]);
  });

  test("the refresh is not mixed up with a question that was asked before, without force", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      // Answers from a cache unless it is forced; the second question takes until the first call is refused.
      let refused!: () => void;
      const isRefused = new Promise<void>((resolve) => (refused = resolve));
      const asked: boolean[] = [];
      const client = new azure.AzureImageClient(
        endpoint,
        async ({ forceRefresh }) => {
          asked.push(forceRefresh);
          if (asked.length === 2) await isRefused;
          return forceRefresh ? "s3cr3t-good" : "s3cr3t-refused";
        },
        {
          fetch: async (request) => {
            const isFirst = (await request.clone().json()).prompt === "first";
            if (isFirst && asked.length === 1) {
              kept["second"] = helpers.outcome(client.generate(requestOf("second")));
              while (asked.length === 1) await new Promise((resolve) => setTimeout(resolve));
            }
            return fetch(request);
          },
        },
      );
      const onProgress = ({ stage }: { stage: string }) => {
        // Only once the refresh is under way is the question of the second call answered.
        if (stage === "retrying") setTimeout(refused);
      };
      const first = await helpers.outcome(client.generate(requestOf("first"), { onProgress }));
      return { first, second: (await kept["second"]) as Outcome, asked };
    }, guard.url);
    expect(report.first.error?.message).toBeUndefined();
    expect(report.second.error?.message).toBeUndefined();
    expect(report.asked.slice(0, 2)).toEqual([false, false]);
    expect(report.asked).toContain(true);
  });

  test("a later repetition for another reason does not force again", async ({ page, guard }) => {
    const asked = await page.evaluate(async (endpoint) => {
      const asked: boolean[] = [];
      const tokens = ["s3cr3t-refused", "s3cr3t-1", "s3cr3t-2"];
      const client = new azure.AzureImageClient(endpoint, ({ forceRefresh }) => tokens[asked.push(forceRefresh) - 1] ?? null, {
        retryOptions: { retryDelayInMs: 1 },
      });
      await client.generate(requestOf("a lake [status=429] [retry-after=0] [times=1]"));
      return asked;
    }, guard.url);
    expect(guard.tokens()).toEqual(["refused", "1", "2"]);
    expect(asked).toEqual([false, true, false]);
  });

  test("a missing permission, which Azure answers with 401 too, is told at once, since no other token helps", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const report = [];
      for (const same of [true, false]) {
        const credential = credentialOf(async (n) => tokenOf(same ? "good" : String(n)));
        const client = new azure.AzureImageClient(endpoint, credential);
        const outcome = await helpers.outcome(client.generate(requestOf("a lake [error=401-permission-denied]")));
        report.push({ outcome, asked: credential.asked });
      }
      return report;
    }, guard.url);
    for (const { outcome, asked } of report) {
      expect(errorOf(outcome)).toMatchObject({ code: "permission", status: 401, serviceCode: "PermissionDenied", billed: "no" });
      expect(forces(asked)).toEqual([false]);
    }
    expect(guard.tokens()).toEqual(["good", "1"]);
  });

  test("a 403 asks for no other token, and neither does a key that is refused", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const credential = credentialOf(async () => tokenOf("good"));
      const forbidden = await helpers.outcome(new azure.AzureImageClient(endpoint, credential).generate(requestOf("a lake [status=403]")));
      const key = await helpers.outcome(new azure.AzureImageClient(endpoint, { key: "s3cr3t-key" }).generate(requestOf()));
      return { forbidden, key, asked: credential.asked.length };
    }, guard.url);
    expect(errorOf(report.forbidden).status).toBe(403);
    expect(errorOf(report.key)).toMatchObject({ status: 401, code: "authentication" });
    expect(report.asked).toBe(1);
    expect(guard.posts()).toHaveLength(2);
  });

  test("a stream and an edit are sent again whole", { tag: "@browser" }, async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const make = () =>
        new azure.AzureImageClient(
          endpoint,
          credentialOf(async (n) => tokenOf(n === 1 ? "refused" : "good")),
          { deployment: "gpt-image-1" },
        );
      const types = [];
      for await (const event of make().generateStream({ prompt: "a lake", quality: "low", partialImages: 1 })) types.push(event.type);
      const canvas = new OffscreenCanvas(64, 64);
      canvas.getContext("2d");
      const edited = await make().edit({ prompt: "a lake", quality: "low", image: await canvas.convertToBlob() });
      return { types, edited: edited.images.length };
    }, guard.url);
    expect(report).toEqual({ types: ["partialImage", "image"], edited: 1 });
    expect(guard.tokens()).toEqual(["refused", "good", "refused", "good"]);
    const edits = guard.posts().slice(2);
    expect(edits[1]?.files?.map(({ sha256 }) => sha256)).toHaveLength(1);
  });

  test("no token stays in what the service repeats of it, of either request", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const credential = credentialOf(async (n) => tokenOf(`${n}-long-enough-to-be-a-token`));
      const errors: unknown[] = [];
      const outcome = await helpers.outcome(
        new azure.AzureImageClient(endpoint, credential).generate(requestOf("a lake [echo-credential] [expose-headers]"), {
          onProgress: ({ retry }) => retry && errors.push(retry.error.toJSON(), String(retry.error.stack)),
        }),
      );
      return { outcome, errors };
    }, guard.url);
    expect(report.errors.length).toBeGreaterThan(0);
    expect(JSON.stringify(report.errors)).not.toContain(SECRET);
    expect(errorOf(report.outcome)).toMatchObject({ status: 401 });
    expect(guard.tokens()).toHaveLength(2);
  });
});

test.describe("a credential that gives no token", () => {
  test("it throws or rejects: what it was is the cause", async ({ page, guard }) => {
    await page.evaluate(() => {
      (globalThis as any).throwIt = (what: unknown) => {
        throw what;
      };
    });
    const causes: Record<string, string | undefined> = {
      "throwIt(new Error('no session'))": "Error: no session",
      "throwIt('no session')": "no session",
      "throwIt(undefined)": undefined,
      "Promise.reject(new TypeError('no session'))": "TypeError: no session",
      "Promise.reject('no session')": "no session",
      "Promise.reject(null)": "null",
      "Promise.reject()": undefined,
      "Promise.reject({ code: 7, billed: 'yes', message: 'mine' })": "[object Object]",
      "Promise.reject(new DOMException('the window was closed', 'AbortError'))": "AbortError: the window was closed",
      "({ then() { throw new Error('no session') } })": "Error: no session",
    };
    for (const [answer, outcome] of await withAnswers(page, guard.url, Object.keys(causes))) {
      await test.step(answer, () => {
        const error = errorOf(outcome);
        expect(error).toMatchObject({ code: "authentication", billed: "no", retryable: false, name: "AzureImageError" });
        expect(error.status).toBeUndefined();
        expect(error.message).toContain("The credential did not return a token");
        expect(error.cause).toBe(causes[answer]);
      });
    }
    expect(guard.posts()).toEqual([]);
  });

  test("it gives nothing, or something else", async ({ page, guard }) => {
    const answers = [
      "null",
      "undefined",
      "''",
      "'  \\n'",
      "42",
      "NaN",
      "true",
      "Symbol('s3cr3t')",
      "10n",
      "[]",
      "({})",
      "(() => 's3cr3t-good')",
      "({ token: 42 })",
      "({ token: null, expiresOnTimestamp: Date.now() + 1e7 })",
      "({ token: '', expiresOnTimestamp: 0 })",
      "({ accessToken: { secret: 's3cr3t-good' } })",
      "({ value: 's3cr3t-good' })",
      "({ get token() { throw new Error('s3cr3t-good'); } })",
      "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); return { get token() { return proxy; } }; })()",
      "Promise.resolve(null)",
    ];
    for (const [answer, outcome] of await withAnswers(page, guard.url, answers)) {
      await test.step(answer, () => {
        const error = errorOf(outcome);
        expect(error).toMatchObject({ code: "authentication", billed: "no", retryable: false });
        expect(error.message).toContain("The credential returned no token.");
      });
    }
    expect(guard.posts()).toEqual([]);
  });

  test("it gives what no token is, and that is not repeated", async ({ page, guard }) => {
    const answers = [
      "'s3cr3t good'",
      "'s3cr3t\\ngood'",
      "'s3cr3t\\r\\nx-injected: 1'",
      "'s3cr3t-gööd'",
      "'s3cr3t\\u0000'",
      "'s3cr3t-\\u{1F511}'",
      "'Bearer s3cr3t-good'",
      "({ token: 's3cr3t\\tgood', expiresOnTimestamp: Date.now() + 1e7 })",
      "({ accessToken: '\\u2028s3cr3t\\u2028good', expiresOn: new Date(Date.now() + 1e7) })",
    ];
    for (const [answer, outcome] of await withAnswers(page, guard.url, answers)) {
      await test.step(answer, () => {
        const error = errorOf(outcome);
        expect(error).toMatchObject({ code: "authentication", billed: "no", retryable: false });
        expect(error.message).toContain("The access token contains an invalid character");
      });
    }
    expect(guard.posts()).toEqual([]);
  });

  test("it gives an expired one: the message says since when", async ({ page, guard }) => {
    await page.evaluate(() => stopClock());
    const ages: Record<string, string> = {
      "tokenOf('good', -90_000)": "90 seconds",
      "({ accessToken: 's3cr3t-good', expiresOn: new Date(Date.now() - 90_000) })": "90 seconds",
      "tokenOf('good', 0)": "0 seconds",
    };
    for (const [answer, outcome] of await withAnswers(page, guard.url, Object.keys(ages))) {
      await test.step(answer, () => {
        const error = errorOf(outcome);
        expect(error).toMatchObject({ code: "authentication", billed: "no", retryable: false });
        expect(error.message).toContain(`The credential returned a token that expired ${ages[answer]} ago, according to the device clock.`);
      });
    }
    expect(guard.posts()).toEqual([]);
  });

  test("an end that is no moment does not make a token dead", async ({ page, guard }) => {
    const answers = [
      "({ token: 's3cr3t-good', expiresOnTimestamp: NaN })",
      "({ accessToken: 's3cr3t-good', expiresOn: new Date(NaN) })",
      "({ token: 's3cr3t-good', expiresOnTimestamp: 'tomorrow' })",
      "({ token: 's3cr3t-good', expiresOnTimestamp: Infinity })",
      "({ token: 's3cr3t-good', expiresOnTimestamp: Number.MAX_VALUE, refreshAfterTimestamp: NaN })",
      "({ token: 's3cr3t-good', expiresOnTimestamp: Date.now() + 1e7, refreshAfterTimestamp: -1 })",
    ];
    for (const [answer, outcome] of await withAnswers(page, guard.url, answers)) {
      expect.soft(outcome.error?.message, answer).toBeUndefined();
    }
    expect(guard.tokens()).toEqual(Array(answers.length).fill("good"));
  });

  test("an end in seconds instead of milliseconds is not told as an age of half a century", async ({ page, guard }) => {
    const inSeconds = "({ token: 's3cr3t-good', expiresOnTimestamp: Math.floor(Date.now() / 1000) + 3600 })";
    const [[, outcome] = []] = await withAnswers(page, guard.url, [inSeconds]);
    const error = errorOf(outcome);
    expect(error.message).not.toMatch(/expired \d{9,} seconds ago/);
  });

  test("failed for all who waited, asked anew by the next", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const credential = credentialOf(async (n) => {
        if (n === 1) throw new Error("no session");
        return tokenOf("good");
      });
      const client = new azure.AzureImageClient(endpoint, credential);
      await client.getEndpoint();
      const failed = await Promise.all([1, 2, 3].map(() => helpers.outcome(client.generate(requestOf()))));
      const next = await helpers.outcome(client.generate(requestOf()));
      return { failed, next: next.ok?.images.length, asked: credential.asked.length };
    }, guard.url);
    for (const outcome of report.failed) expect(errorOf(outcome).cause).toBe("Error: no session");
    expect(report).toMatchObject({ next: 1, asked: 2 });
  });
});

test.describe("waiting for a token", () => {
  test("ends after timeout, billed nothing, and the next call asks anew", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const late: ((token: unknown) => void)[] = [];
      const credential = credentialOf((n) => (n === 1 ? new Promise((resolve) => late.push(resolve)) : tokenOf("good")));
      const client = new azure.AzureImageClient(endpoint, credential, { timeoutInMs: 1000 });
      const controller = new AbortController();
      await client.getEndpoint();
      const begun = performance.now();
      const outcome = await helpers.outcome(client.generate(requestOf(), { abortSignal: controller.signal }));
      const took = performance.now() - begun;
      const { aborted } = credential.asked[0]!;
      const listeners = helpers.listenersOf(controller.signal);
      // An answer that comes when nobody waits is of no use, and does no harm.
      late[0]!(tokenOf("late"));
      const second = await helpers.outcome(client.generate(requestOf()));
      return { outcome, took, aborted, listeners, second: second.ok?.images.length, asked: credential.asked.length };
    }, guard.url);
    const error = errorOf(report.outcome);
    expect(error).toMatchObject({ code: "timeout", billed: "no", retryable: true });
    expect(error.message).toContain("The credential returned no token within 1 s (timeoutInMs).");
    expect(report.took).toBeGreaterThanOrEqual(999);
    expect(report).toMatchObject({ aborted: true, listeners: 0, second: 1, asked: 2 });
    expect(guard.tokens()).toEqual(["good"]);
  });

  test("for the second one, after a 401, ends after timeout too", { tag: "@nightly" }, async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const credential = credentialOf((n) => (n === 1 ? tokenOf("refused") : new Promise(() => {})));
      const client = new azure.AzureImageClient(endpoint, credential, { timeoutInMs: 1500 });
      const outcome = await helpers.outcome(client.generate(requestOf()));
      return { outcome, asked: credential.asked };
    }, guard.url);
    const error = errorOf(report.outcome);
    expect(error).toMatchObject({ code: "timeout", billed: "no" });
    expect(error.message, "the refused request was sent").not.toContain("nothing was sent");
    expect(report.asked).toMatchObject([{ forceRefresh: false }, { forceRefresh: true, aborted: true }]);
  });

  test("counts for totalTimeoutInMs", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      // Else the WebAssembly may take all of that time.
      await azure.init();
      const credential = credentialOf(() => new Promise(() => {}));
      const client = new azure.AzureImageClient(endpoint, credential, { totalTimeoutInMs: 100 });
      const outcome = await helpers.outcome(client.generate(requestOf()));
      return { outcome, aborted: credential.asked[0]?.aborted };
    }, guard.url);
    expect(errorOf(report.outcome)).toMatchObject({ code: "timeout", billed: "no" });
    expect(report.aborted).toBe(true);
    expect(guard.posts()).toEqual([]);
  });

  test("one of two who wait may go: the other gets the token, and the credential hears nothing of it", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      let answer!: (token: unknown) => void;
      const credential = credentialOf(() => new Promise((resolve) => (answer = resolve)));
      const client = new azure.AzureImageClient(endpoint, credential);
      await client.getEndpoint();
      const [leaver, stayer] = [new AbortController(), new AbortController()];
      const left = helpers.outcome(client.generate(requestOf("left"), { abortSignal: leaver.signal }));
      const stayed = helpers.outcome(client.generate(requestOf("stayed"), { abortSignal: stayer.signal }));
      while (!answer) await new Promise((resolve) => setTimeout(resolve));
      leaver.abort(new Error("enough"));
      const outcome = await left;
      const abortedByOne = credential.asked[0]!.aborted;
      answer(tokenOf("good"));
      const { ok } = await stayed;
      return {
        ...{ outcome, abortedByOne, images: ok?.images.length, asked: credential.asked },
        listeners: [leaver, stayer].map(({ signal }) => helpers.listenersOf(signal)),
      };
    }, guard.url);
    expect(errorOf(report.outcome)).toMatchObject({ code: "cancelled", name: "AbortError", billed: "no", cause: "Error: enough" });
    expect(report).toMatchObject({ abortedByOne: false, images: 1, asked: [{ aborted: false }], listeners: [0, 0] });
    expect(guard.posts().map(({ body }) => (body as { prompt: string }).prompt)).toEqual(["stayed"]);
  });

  test("when the last has gone the credential's signal is aborted, and who comes then asks anew", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const credential = credentialOf((n, { abortSignal }) =>
        n > 1 ? tokenOf("good") : new Promise((_, reject) => abortSignal.addEventListener("abort", () => reject(abortSignal.reason), { once: true })),
      );
      const client = new azure.AzureImageClient(endpoint, credential);
      await client.getEndpoint();
      const controllers = [1, 2, 3].map(() => new AbortController());
      const calls = controllers.map(({ signal }) => helpers.outcome(client.generate(requestOf(), { abortSignal: signal })));
      while (credential.asked.length === 0) await new Promise((resolve) => setTimeout(resolve));
      const aborted = [];
      for (const controller of controllers) {
        controller.abort();
        await new Promise((resolve) => setTimeout(resolve));
        aborted.push(credential.asked[0]!.aborted);
      }
      const outcomes = await Promise.all(calls);
      const next = await helpers.outcome(client.generate(requestOf()));
      return {
        ...{ aborted, outcomes, next: next.ok?.images.length, asked: credential.asked.length },
        listeners: controllers.map(({ signal }) => helpers.listenersOf(signal)),
      };
    }, guard.url);
    for (const outcome of report.outcomes) expect(errorOf(outcome)).toMatchObject({ code: "cancelled", billed: "no" });
    expect(report).toMatchObject({ aborted: [false, false, true], next: 1, asked: 2, listeners: [0, 0, 0] });
    expect(guard.tokens()).toEqual(["good"]);
  });

  test("who comes in the very moment of the last abort is not left with its question", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const credential = credentialOf((n) => (n === 1 ? new Promise(() => {}) : tokenOf("good")));
      const client = new azure.AzureImageClient(endpoint, credential);
      await client.getEndpoint();
      const controller = new AbortController();
      const first = helpers.outcome(client.generate(requestOf(), { abortSignal: controller.signal }));
      while (credential.asked.length === 0) await new Promise((resolve) => setTimeout(resolve));
      controller.abort();
      const second = await helpers.outcome(client.generate(requestOf()));
      return { first: (await first).error?.code, second: second.ok?.images.length };
    }, guard.url);
    expect(report).toEqual({ first: "cancelled", second: 1 });
  });

  test("does not begin for a call that is over already", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const credential = credentialOf(() => tokenOf("good"));
      const outcome = await helpers.outcome(
        new azure.AzureImageClient(endpoint, credential).generate(requestOf(), { abortSignal: AbortSignal.abort() }),
      );
      return { outcome, asked: credential.asked.length };
    }, guard.url);
    expect(errorOf(report.outcome)).toMatchObject({ code: "cancelled", billed: "no" });
    expect(report.asked).toBe(0);
  });

  test("ends when the loop over a stream is left, and when a probe is aborted", async ({ page, guard }) => {
    const report = await page.evaluate(async (endpoint) => {
      const credential = credentialOf(() => new Promise(() => {}));
      const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
      await client.getEndpoint();
      const controller = new AbortController();
      const probe = client.probe({ abortSignal: controller.signal }).then(String, (error) => error.code as string);
      const stream = client.generateStream({ prompt: "a lake" });
      const result = helpers.outcome(stream.result());
      while (credential.asked.length === 0) await new Promise((resolve) => setTimeout(resolve));
      controller.abort();
      const probed = await probe;
      await new Promise((resolve) => setTimeout(resolve));
      const afterProbe = credential.asked[0]!.aborted;
      await stream[Symbol.asyncIterator]().return?.(undefined as never);
      const code = (await result).error?.code;
      await new Promise((resolve) => setTimeout(resolve));
      return { probed, afterProbe, code, afterStream: credential.asked[0]!.aborted, asked: credential.asked.length };
    }, guard.url);
    expect(report).toEqual({ probed: "cancelled", afterProbe: false, code: "cancelled", afterStream: true, asked: 1 });
    expect(guard.simulator.requests).toEqual([]);
  });
});

test.describe("no token for a repetition of what may be billed", () => {
  for (const [what, answer] of [
    ["throws", "(() => { throw new Error('signed out'); })()"],
    ["gives nothing", "null"],
    ["hangs", "new Promise(() => {})"],
    ["gives one that is refused", "'s3cr3t-refused'"],
    ["gives two that are refused", "'s3cr3t-refused-' + asked"],
  ] as const) {
    test(`the credential ${what}: the first request may be billed all the same`, { tag: "@nightly" }, async ({ page, guard }) => {
      const { outcome, asked } = await page.evaluate(
        async ([endpoint, answer]) => {
          let asked = 0;
          const client = new azure.AzureImageClient(
            endpoint,
            () => (++asked === 1 ? "s3cr3t-good" : new Function("asked", `return ${answer}`)(asked)),
            {
              timeoutInMs: 1500,
              retryOptions: { retryUnknownOutcome: true, retryDelayInMs: 1 },
            },
          );
          const outcome = await helpers.outcome(client.generate(requestOf("a lake [reset=50%] [times=1]")));
          return { outcome, asked };
        },
        [guard.url, answer] as const,
      );
      const error = errorOf(outcome);
      expect(asked, "it was tried again").toBeGreaterThan(1);
      expect(error.billed).toBe("unknown");
      expect(error.message).not.toContain("nothing was sent");
    });
  }
});

test("calls leave no object URL and no listener behind, whatever the credential did", async ({ page, guard }) => {
  const report = await page.evaluate(async (endpoint) => {
    const answers: (() => unknown)[] = [
      () => tokenOf("good"),
      () => null,
      () => Promise.reject(new Error("no")),
      () => tokenOf("refused"),
      () => new Promise(() => {}),
    ];
    const listeners = [];
    for (const answer of answers) {
      const { signal } = new AbortController();
      const client = new azure.AzureImageClient(endpoint, credentialOf(answer), { timeoutInMs: 300 });
      await helpers.outcome(client.generate(requestOf(), { abortSignal: signal }));
      listeners.push(helpers.listenersOf(signal));
    }
    return { listeners, urls: helpers.liveUrls.size };
  }, guard.url);
  expect(report).toEqual({ listeners: [0, 0, 0, 0, 0], urls: 0 });
});

test("an end that cannot be read is no end, and hangs nothing", async ({ page, simulator }) => {
  const images = await page.evaluate(async (endpoint) => {
    const images = [];
    const throws = () => {
      throw new Error("no number");
    };
    for (const end of [{ valueOf: throws }, Symbol("soon"), Object.create(null), { getTime: throws }, 10n ** 13n, "2099-01-01"]) {
      const token = { accessToken: "simulator-token", expiresOn: end } as never;
      const client = new azure.AzureImageClient(endpoint, () => token, { deployment: "gpt-image-1" });
      images.push((await helpers.outcome(client.generate({ prompt: "a lake", quality: "low" }))).ok?.images.length);
    }
    return images;
  }, simulator.url);
  expect(images).toEqual(Array(6).fill(1));
});
