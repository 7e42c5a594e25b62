import { test as base, expect, type Page } from "@playwright/test";
import { startSimulator, type RequestEntry, type Simulator } from "azure-image-simulator";
import { startEngine, type EngineName } from "./engines/start.js";
import { startPageServer, type PageServer } from "./page-server.js";
import type * as Azure from "../../js/index.js";

/** What the helpers of the page tell about a picture. */
export interface ImageReport {
  mediaType: string;
  byteLength: number;
  width?: number;
  height?: number;
  revisedPrompt?: string;
  blobType: string;
  blobSize: number;
  sha256: string;
  call?: Azure.ImageCall;
}

/** What the helpers of the page tell about an error. */
export interface ErrorReport {
  isAzureImageError: boolean;
  isError: boolean;
  text: string;
  /** What `JSON.stringify` makes of it. */
  json: string;
  name: string;
  message: string;
  code: Azure.AzureImageErrorCode;
  billed: string;
  retryable: boolean;
  status?: number;
  serviceCode?: string;
  param?: string;
  requestId?: string;
  retryAfterInMs?: number;
  contentFilter?: Azure.ContentFilter;
  lastPartialImage?: ImageReport;
  response?: ResponseReport;
  cause?: string;
}

/** What the helpers of the page tell about a response. */
export type ResponseReport = Omit<Azure.ResponseResult, "images" | "failures" | "error"> & {
  images: ImageReport[];
  failures?: { call: { id: string; outputIndex: number }; error: ErrorReport }[];
  error?: ErrorReport;
};

export type ResponseOutcome = { ok: ResponseReport; error?: undefined } | { ok?: undefined; error: ErrorReport };

type Reported<Event> = Omit<Event, "image" | "error" | "response"> &
  (Event extends { image: unknown } ? { image: ImageReport } : unknown) &
  (Event extends { error: unknown } ? { error: ErrorReport } : unknown) &
  (Event extends { response: unknown } ? { response: ResponseReport } : unknown);

/** What the helpers of the page tell about an event of a response. */
export type EventReport = Azure.ResponseEvent extends infer Event ? (Event extends unknown ? Reported<Event> : never) : never;

export type Outcome =
  | { ok: Omit<Azure.GenerateResult, "images"> & { images: ImageReport[] }; error?: undefined }
  | { ok?: undefined; error: ErrorReport };

/** How something ended that makes no pictures. */
export interface Settled<Value> {
  ok?: Value;
  error?: ErrorReport;
}

declare global {
  var azure: typeof Azure;
  var helpers: {
    sha256(blob: Blob): Promise<string>;
    describeImage(image: Azure.GeneratedImage): Promise<ImageReport>;
    describeError(error: unknown): Promise<ErrorReport>;
    outcome(promise: Promise<Azure.GenerateResult>): Promise<Outcome>;
    aftermath(client: Azure.AzureImageClient): Promise<{ next?: number | ErrorReport; memory: number; urls: number }>;
    settled<Value>(work: () => Value | Promise<Value>): Promise<Settled<Value>>;
    describeResponse(response: Azure.ResponseResult): Promise<ResponseReport>;
    responseOutcome(promise: Promise<Azure.ResponseResult>): Promise<ResponseOutcome>;
    readEvents(stream: AsyncIterable<Azure.ResponseEvent>): Promise<{ events: EventReport[]; error?: ErrorReport }>;
    load(url: string): Promise<{ width: number; height: number }>;
    liveUrls: Set<string>;
    listenersOf(signal: AbortSignal): number;
    running(): { timers: number; readers: number };
    memories: WebAssembly.Memory[];
    memory(): number;
    watchHeap(): Promise<() => Promise<{ before: number; most: number; left: number } | undefined>>;
    crashingResponse(): Response;
    unhandled: string[];
    printed: string[];
  };
}

/** A page of its own origin with the package loaded, and a simulator on another origin. */
export const test = base.extend<
  { page: Page; simulator: Simulator; ownContext: boolean },
  { engine: EngineName; pages: PageServer; running: Simulator; shared: Page }
>({
  engine: ["chromium", { option: true, scope: "worker" }],
  // Playwright's own, or another that is dressed as such.
  browser: [
    async ({ engine, playwright, launchOptions }, use) => {
      const browser = engine === "chromium" ? await playwright.chromium.launch(launchOptions) : await startEngine(engine);
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  // For tests that change what all pages of a context have in common, such as its clock or its network.
  ownContext: [false, { option: true }],
  // A page of its own for each test would cost more time than most of the tests.
  shared: [
    async ({ browser }, use) => {
      const page = await browser.newPage();
      await use(page);
      await page.close();
    },
    { scope: "worker" },
  ],
  context: async ({ browser, shared, ownContext }, use) => {
    const context = ownContext ? await browser.newContext() : shared.context();
    await use(context);
    if (ownContext) await context.close();
  },
  pages: [
    async ({}, use) => {
      const server = await startPageServer();
      await use(server);
      await server.close();
    },
    { scope: "worker" },
  ],
  running: [
    async ({}, use) => {
      // As on Azure: a name that is no deployment is refused.
      const simulator = await startSimulator({ strictDeployments: true });
      await use(simulator);
      await simulator.close();
    },
    { scope: "worker" },
  ],
  // A worker runs one test after the other, so its log begins anew with each.
  simulator: async ({ running }, use) => {
    running.reset();
    await use(running);
  },
  page: async ({ context, shared, ownContext, pages }, use) => {
    const page = ownContext ? await context.newPage() : shared;
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    // Its `load` comes behind its modules.
    await page.goto(pages.origin);
    await use(page);
    await expect.poll(() => page.evaluate(() => helpers.running()), "what runs on").toEqual({ timers: 0, readers: 0 });
    expect(problems, "errors that the page did not handle").toEqual([]);
    expect(await page.evaluate(() => helpers.unhandled), "rejections that nobody handled").toEqual([]);
    page.removeAllListeners();
    await page.unrouteAll();
  },
});

export { expect };

/** What the page sent, without what the browser asked first. */
export function exchanges(simulator: Simulator): RequestEntry[] {
  return simulator.requests.filter(({ preflight }) => !preflight);
}

/** Where the picture that was sent differs from what the page got is told by its hash. */
export function sent(simulator: Simulator, kind: "partial" | "final"): string[] {
  return simulator.pictures.filter((picture) => picture.kind === kind).map((picture) => picture.sha256);
}
