import type { Simulator } from "azure-image-simulator";
import { exchanges, expect, test } from "./fixtures.js";

const project = (simulator: Simulator) => `${simulator.url}/api/projects/demo`;

const ENDPOINTS = [
  ["a resource", "", {}, "/openai/v1/conversations", { "api-version": "preview" }],
  ["a resource with the routes of a date", "", { apiVersion: "2025-04-01-preview" }, "/openai/v1/conversations", {}],
  ["a project", "/api/projects/demo", {}, "/api/projects/demo/openai/v1/conversations", {}],
  [
    "a project with the routes of a date",
    "/api/projects/demo",
    { apiVersion: "2025-11-15-preview" },
    "/api/projects/demo/openai/conversations",
    { "api-version": "2025-11-15-preview" },
  ],
] as const;

for (const [where, path, options, route, query] of ENDPOINTS) {
  test(`a conversation is begun, found and deleted on ${where}`, { tag: "@browser" }, async ({ page, simulator }) => {
    const report = await page.evaluate(
      async ({ endpoint, options }) => {
        const { conversations } = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, options);
        const items = [{ type: "message", role: "user", content: [{ type: "input_text", text: "Draw a lake" }] }];
        const made = await conversations.create({ metadata: { madeBy: "studio" }, items });
        const empty = await conversations.create();
        const found = await conversations.get(made.id);
        const deleted = await conversations.delete(made.id);
        return { made, empty, found, deleted, gone: await helpers.settled(() => conversations.get(made.id)) };
      },
      { endpoint: `${simulator.url}${path}`, options },
    );
    const { made, empty, found, deleted, gone } = report;
    expect(made).toEqual({
      id: expect.stringMatching(/^conv_/),
      object: "conversation",
      createdOn: expect.any(Date),
      metadata: { madeBy: "studio" },
    });
    expect(empty.metadata).toEqual({});
    expect(found).toEqual(made);
    expect(deleted).toBeUndefined();
    expect(gone.error).toMatchObject({ code: "not_found", status: 404, billed: "no" });
    expect(gone.error?.message).toContain("endpoint that created the conversation");
    const requests = exchanges(simulator);
    expect(requests.map(({ method, path }) => [method, path])).toEqual([
      ["POST", route],
      ["POST", route],
      ["GET", `${route}/${made.id}`],
      ["DELETE", `${route}/${made.id}`],
      ["GET", `${route}/${made.id}`],
    ]);
    for (const request of requests) expect(request.query).toEqual(query);
    expect(requests[0]?.body).toEqual({
      metadata: { madeBy: "studio" },
      items: [{ type: "message", role: "user", content: [{ type: "input_text", text: "Draw a lake" }] }],
    });
    expect(requests[1]?.body).toEqual({});
  });
}

test("what cannot work is refused before anything is sent", async ({ page, simulator }) => {
  const params = await page.evaluate(async (endpoint) => {
    const { conversations } = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
    const wrong = (value: unknown) => value as never;
    const angry = Object.defineProperty({}, "items", {
      enumerable: true,
      get: () => {
        throw new Error("no");
      },
    });
    const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`name-${index}`, "value"]));
    const calls: (() => Promise<unknown>)[] = [
      () => conversations.create({ metadata: { a: "x".repeat(513) } }),
      () => conversations.create({ metadata: { ["n".repeat(65)]: "x" } }),
      () => conversations.create({ metadata: pairs(17) }),
      () => conversations.create({ metadata: wrong({ a: 1 }) }),
      () => conversations.create({ metadata: wrong("text") }),
      () => conversations.create({ metadata: wrong(() => {}) }),
      () => conversations.create(wrong("text")),
      () => conversations.create(wrong(angry)),
      () => conversations.create({ items: [{ big: 1n }] }),
      () => conversations.get(wrong(7)),
      () => conversations.get(""),
      () => conversations.delete(wrong(undefined)),
      () => conversations.delete("."),
    ];
    return Promise.all(
      calls.map(async (call) => {
        const { error } = await helpers.settled(call);
        return [error?.code, error?.billed, error?.param];
      }),
    );
  }, project(simulator));
  const names = [...Array(6).fill("metadata"), "conversation", "conversation", "conversation", "id", "id", "id", "id"];
  expect(params).toEqual(names.map((name) => ["invalid_request", "no", name]));
  expect(simulator.requests).toEqual([]);
});

test("an id stays within its place in the path", async ({ page, simulator }) => {
  const { error } = await page.evaluate(
    (endpoint) => helpers.settled(() => new azure.AzureImageClient(endpoint, { key: "simulator-key" }).conversations.get("a/../b?c#d")),
    project(simulator),
  );
  expect(error?.code).toBe("not_found");
  expect(exchanges(simulator)[0]?.query).toEqual({});
});

test("a wrong key is an authentication error", async ({ page, simulator }) => {
  const { error } = await page.evaluate(
    (endpoint) => helpers.settled(() => new azure.AzureImageClient(endpoint, { key: "a-wrong-key" }).conversations.create()),
    project(simulator),
  );
  expect(error).toMatchObject({ code: "authentication", status: 401, billed: "no" });
});

test("a read that fails is repeated, and what begins a conversation is not", async ({ page }) => {
  const requests = await page.evaluate(async () => {
    const methods: string[] = [];
    const fetch = async ({ method }: Request) => {
      methods.push(method);
      return new Response("{}", { status: methods.length > 2 ? 200 : 503 });
    };
    const make = () => new azure.AzureImageClient("/api", null, { fetch, retryOptions: { retryDelayInMs: 1 } });
    await make().conversations.get("conv_1");
    const afterGet = methods.splice(0).join(" ");
    await helpers.settled(() => make().conversations.create());
    return [afterGet, methods.join(" ")];
  });
  expect(requests).toEqual(["GET GET GET", "POST"]);
});

test("an abort in flight ends the call at once, and nothing is left running", async ({ page }) => {
  const report = await page.evaluate(async () => {
    const controller = new AbortController();
    let wasAborted = false;
    const fetch = ({ signal }: Request) => {
      signal.addEventListener("abort", () => (wasAborted = true));
      controller.abort("enough");
      return new Promise<never>(() => {});
    };
    const { conversations } = new azure.AzureImageClient("/api", null, { fetch });
    const { error } = await helpers.settled(() => conversations.create({}, { abortSignal: controller.signal }));
    return { error, wasAborted, listeners: helpers.listenersOf(controller.signal) };
  });
  expect(report.error).toMatchObject({ code: "cancelled", name: "AbortError", billed: "no", cause: "enough" });
  expect(report).toMatchObject({ wasAborted: true, listeners: 0 });
});
