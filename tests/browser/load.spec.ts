import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.js";
import { failNext, WASM, type PageServer } from "./page-server.js";

const KEY = { key: "simulator-key" };
const MODULE = await readFile(new URL("../../dist/wasm/azure_image_client_bg.wasm", import.meta.url));

/** Loads the page with a content security policy. */
async function openWithPolicy(page: Page, pages: PageServer, policy: string): Promise<void> {
  pages.policy = policy;
  await page.reload();
  pages.policy = undefined;
  await expect.poll(() => page.evaluate(() => "helpers" in globalThis)).toBe(true);
}

test("all works under a strict content security policy, for a proxy on the page's own origin and for an endpoint elsewhere", async ({
  page,
  pages,
  simulator,
}) => {
  pages.proxy = { target: simulator.url, headers: { "api-key": KEY.key } };
  const proxied = `${pages.origin}/api/azure`;
  for (const [endpoint, credential, sources] of [
    [proxied, null, pages.origin],
    [simulator.url, KEY, `'self' ${simulator.url}`],
  ] as const) {
    await openWithPolicy(page, pages, `script-src 'self' 'wasm-unsafe-eval'; connect-src ${sources}; img-src 'self' blob:`);
    const report = await page.evaluate(
      async ([endpoint, credential]) => {
        const violations: string[] = [];
        addEventListener("securitypolicyviolation", ({ violatedDirective }) => violations.push(violatedDirective));
        const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
        const { images } = await client.generateStream({ prompt: "a lake", partialImages: 1 }).result();
        const edited = await client.edit({ prompt: "a boat", image: images });
        const shown = await Promise.all([...images, ...edited.images].map(({ objectUrl }) => helpers.load(objectUrl)));
        return { violations, shown };
      },
      [endpoint, credential] as const,
    );
    expect(report).toEqual({
      violations: [],
      shown: [
        { width: 1024, height: 1024 },
        { width: 1024, height: 1024 },
      ],
    });
  }
  pages.proxy = undefined;
});

test("a server that gives the WebAssembly a wrong media type costs a warning only", async ({ page, pages }) => {
  pages.before.set(WASM, (response) => response.writeHead(200, { "content-type": "application/octet-stream" }).end(MODULE));
  await page.evaluate(() => azure.init());
  pages.before.delete(WASM);
  expect(await page.evaluate(() => helpers.printed)).toEqual([expect.stringContaining("does not serve Wasm with `application/wasm` MIME type")]);
});

test("where the file is, once said, is not forgotten because of a failure", async ({ page, pages }) => {
  failNext(pages, WASM);
  pages.asked.length = 0;
  const url = `${pages.origin}${WASM}?elsewhere`;
  const { error } = await page.evaluate((url) => helpers.settled(() => azure.init(url)), url);
  expect(error).toMatchObject({ code: "connection" });
  await page.evaluate(() => azure.init());
  expect(pages.asked).toEqual([`${WASM}?elsewhere`, `${WASM}?elsewhere`]);
});

interface Trouble {
  what: string;
  retryable: boolean;
  /** What the error says: what is wrong, and what to do. */
  message: RegExp[];
}

async function expectError(page: Page, { what, retryable, message }: Trouble): Promise<void> {
  const { error } = await page.evaluate(() => helpers.settled(() => azure.init()));
  expect(error, what).toMatchObject({ isAzureImageError: true, code: "connection", billed: "no", retryable });
  for (const part of message) expect(error?.message).toMatch(part);
}

const html = (response: ServerResponse, status: number) =>
  response.writeHead(status, { "content-type": "text/html" }).end("<!doctype html><title>App</title>");

const ANSWERS: (Trouble & { answer: (response: ServerResponse) => unknown })[] = [
  {
    what: "the file is missing",
    answer: (response) => html(response, 404),
    retryable: false,
    message: [/HTTP 404 for http:.*\/azure_image_client_bg\.wasm\./, /pass its URL to init/],
  },
  {
    what: "a page is in its place",
    answer: (response) => html(response, 200),
    retryable: false,
    message: [
      /azure_image_client_bg\.wasm \(text\/html\) is not it/,
      /Some servers answer with a page where a file is missing: serve this version's/,
    ],
  },
  {
    what: "it is cut off",
    answer: (response) => response.writeHead(200, { "content-type": "application/wasm" }).end(MODULE.subarray(0, 1000)),
    retryable: false,
    message: [/\(application\/wasm\) is not it, .*CompileError/, /pass its URL to init\.$/],
  },
  {
    what: "the server is overloaded",
    answer: (response) => response.writeHead(503).end(),
    retryable: true,
    message: [/HTTP 503/],
  },
  {
    what: "the network is gone",
    answer: (response) => response.destroy(),
    retryable: true,
    message: [/could not be fetched \(TypeError: (Failed to fetch|NetworkError when attempting to fetch resource\.|Load failed)\)\. Offline\?/],
  },
];

test("says what is wrong with what the server answers, and can be asked again", async ({ page, pages }) => {
  for (const { answer, ...trouble } of ANSWERS) {
    pages.before.set(WASM, answer);
    await expectError(page, trouble);
    pages.before.delete(WASM);
  }
  await page.evaluate(() => azure.init());
});

const POLICIES: (Trouble & { policy: string })[] = [
  {
    what: "WebAssembly is forbidden",
    policy: "script-src 'self'",
    retryable: false,
    message: [/WebAssembly is forbidden/, /Add 'wasm-unsafe-eval' to script-src/],
  },
  {
    what: "to fetch it is forbidden",
    policy: "connect-src https://my-resource.openai.azure.com",
    retryable: true,
    message: [/could not be fetched/, /must allow the address of azure_image_client_bg\.wasm in connect-src \('self' for the page's own origin\)/],
  },
];

test("says what is wrong with the page's content security policy", async ({ page, pages }) => {
  for (const { policy, ...trouble } of POLICIES) {
    await openWithPolicy(page, pages, policy);
    await expectError(page, trouble);
  }
});

test("says so when init was given something else, and keeps the query of an address to itself", async ({ page, pages }) => {
  const wrong = await page.evaluate(() => helpers.settled(() => azure.init(new Uint8Array([1, 2, 3]))));
  expect(wrong.error?.message).toMatch(/what init was given is not it/);
  pages.before.set("/elsewhere.wasm", (response) => response.writeHead(403).end());
  const refused = await page.evaluate(() => helpers.settled(() => azure.init("/elsewhere.wasm?sig=secret")));
  pages.before.delete("/elsewhere.wasm");
  expect(refused.error?.message).toMatch(/HTTP 403 for http:.*\/elsewhere\.wasm\. /);
});
