// Requests and dollars, per user and in total.

import { expect, test } from "@playwright/test";
import { AzureImageClient } from "azure-image-client";
import { createMemoryStore, type ProxyLimitStore } from "azure-image-client/proxy";
import { direct } from "./direct.js";
import { EDITS, errorOf, GENERATIONS, RESPONSES } from "./fixtures.js";

/** Long enough that no test runs at its end. */
const WINDOW = 10 * 365 * 24 * 3_600_000;
/** $0.05268. */
const IMAGE = { model: "gpt-image-2", prompt: "a lake", size: "1024x1024", quality: "medium" };

test("counts the requests of each user", async () => {
  const { post } = direct({ limits: { perUser: { windowInMs: WINDOW, requests: 2 } } });
  const statuses = async (user: string) => {
    const seen: number[] = [];
    for (let count = 0; count < 3; count++) seen.push((await post(GENERATIONS, IMAGE, { "x-user": user })).status);
    return seen;
  };
  expect(await statuses("ada")).toEqual([200, 200, 429]);
  expect(await statuses("ben:total")).toEqual([200, 200, 429]);
});

test("counts the dollars of each user, and of all", async () => {
  const { post, records } = direct({ limits: { perUser: { windowInMs: WINDOW, dollars: 0.11 }, total: [{ windowInMs: WINDOW, dollars: 0.2 }] } });
  const status = async (user: string) => (await post(GENERATIONS, IMAGE, { "x-user": user })).status;
  expect([await status("ada"), await status("ada"), await status("ada")]).toEqual([200, 200, 429]);
  expect([await status("ben"), await status("ben")]).toEqual([200, 429]);
  expect(records.map(({ estimatedDollars }) => estimatedDollars)).toEqual([0.05268, 0.05268, undefined, 0.05268, undefined]);
});

test("says when to try again", async () => {
  const { post } = direct({ limits: { perUser: { windowInMs: WINDOW, dollars: 0.01 } } });
  const response = await post(GENERATIONS, IMAGE);
  const seconds = Number(response.headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(0);
  expect(await errorOf(response)).toEqual({
    status: 429,
    code: "proxy_limit",
    message: `Your limit of $0.01 in ${WINDOW / 1000} seconds is reached. Try again in ${seconds} seconds.`,
  });
});

test("begins anew with each window", async () => {
  const { now } = Date;
  try {
    const { post } = direct({ limits: { perUser: { windowInMs: 60_000, requests: 1 } } });
    const status = async () => (await post(GENERATIONS, IMAGE)).status;
    Date.now = () => 1_000_000 * 60_000;
    expect([await status(), await status()]).toEqual([200, 429]);
    Date.now = () => 1_000_001 * 60_000;
    expect([await status(), await status()]).toEqual([200, 429]);
  } finally {
    Date.now = now;
  }
});

for (const [outcome, answer, isKept] of [
  ["an image", () => Response.json({}), true],
  ["a refusal by Azure", () => Response.json({}, { status: 400 }), false],
  ["a busy deployment", () => Response.json({}, { status: 429 }), false],
  ["a timeout", () => Response.json({}, { status: 408 }), true],
  ["an error of Azure", () => Response.json({}, { status: 500 }), true],
  ["a lost connection", () => Promise.reject(new Error("reset")), true],
] as const) {
  test(`${isKept ? "keeps" : "returns"} the dollars of ${outcome}`, async () => {
    const { post } = direct({ limits: { perUser: { windowInMs: WINDOW, dollars: 0.06 } } }, answer);
    await post(GENERATIONS, IMAGE);
    expect((await post(GENERATIONS, IMAGE)).status === 429 && isKept).toBe(isKept && (await post(GENERATIONS, IMAGE)).status === 429);
    const { code } = await errorOf(await post(GENERATIONS, IMAGE)).catch(() => ({ code: undefined }));
    expect(code === "proxy_limit").toBe(isKept);
  });
}

test("reserves before the call, so that parallel requests cannot exceed the limit", async () => {
  const { post } = direct({ limits: { perUser: { windowInMs: WINDOW, dollars: 0.11 } } });
  const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await post(GENERATIONS, IMAGE)).status));
  expect(statuses.filter((status) => status === 200)).toHaveLength(2);
});

test("an edit over the limit never reaches Azure whole", async () => {
  const { post, bodies } = direct({ limits: { perUser: { windowInMs: WINDOW, dollars: 0.01 } } });
  const form = new FormData();
  for (const [name, value] of Object.entries(IMAGE)) form.set(name, value);
  form.set("image", new Blob(["bytes"], { type: "image/png" }), "a.png");
  const encoded = new Response(form);
  const { status } = await post(EDITS, encoded.body, { "content-type": encoded.headers.get("content-type") ?? "" });
  expect([status, bodies]).toEqual([429, []]);
});

test("estimates the images of a response, and what the catalog does not know", async () => {
  const { post, records } = direct({ limits: { assumedDollars: 0.5 } });
  const image = { type: "image_generation", size: "1024x1024", quality: "medium" };
  const header = { "x-ms-oai-image-generation-deployment": "gpt-image-2" };
  await post(RESPONSES, { model: "gpt-5.5", input: "x" });
  await post(RESPONSES, { model: "gpt-5.5", input: "x", tools: [image] }, header);
  await post(RESPONSES, { model: "gpt-5.5", input: "x", stream: true, tools: [{ ...image, partial_images: 2 }] }, header);
  await post(RESPONSES, { agent_reference: { name: "painter" }, input: "x" }, header);
  await post(GENERATIONS, { ...IMAGE, model: "painter", n: 3 });
  expect(records.map(({ estimatedDollars }) => estimatedDollars)).toEqual([0, 0.05268, 0.05868, 0.5, 1.5]);
});

test("estimates the dearest of the models that a request names", async () => {
  const { post, records } = direct({});
  const image = { type: "image_generation", size: "1024x1024", quality: "medium" };
  const header = { "x-ms-oai-image-generation-deployment": "gpt-image-2" };
  await post("/openai/deployments/gpt-image-2/images/generations", { ...IMAGE, model: "gpt-image-1-mini" });
  await post(RESPONSES, { model: "gpt-5.5", input: "x", tools: [{ ...image, model: "gpt-image-1-mini" }] }, header);
  expect(records.map(({ estimatedDollars }) => estimatedDollars)).toEqual([0.05268, 0.05268]);
});

test("refuses when the store fails", async () => {
  const store: ProxyLimitStore = { add: () => Promise.reject(new Error("Redis is down")) };
  const { post, records, bodies } = direct({ limits: { perUser: { windowInMs: WINDOW, requests: 1 }, store } });
  expect(await errorOf(await post(GENERATIONS, IMAGE))).toMatchObject({ status: 503, code: "proxy_internal" });
  expect([records[0]?.error, bodies]).toEqual(["Redis is down", []]);
});

test("the memory store forgets expired counters", () => {
  const store = createMemoryStore();
  const { now } = Date;
  let time = now();
  try {
    Date.now = () => time;
    const options = { limit: 1, expiresInMs: 1000 };
    expect([store.add("a", 1, options), store.add("a", 1, options)]).toEqual([true, false]);
    time += 120_000;
    expect(store.add("b", 1, options)).toBe(true);
    expect(store.add("a", 1, options)).toBe(true);
  } finally {
    Date.now = now;
  }
});

test("estimates as the client does", async () => {
  const { post, records } = direct({ limits: { assumedDollars: 7 } });
  const models = ["gpt-image-2", "gpt-image-2.5-flare", "gpt-image-1.5", "gpt-image-1-mini", "gpt-image-1", "dall-e-3", "chatgpt-image-latest"];
  const others = ["MAI-Image-2.6", "MAI-Image-2.5-Flash", "FLUX.2-pro", "FLUX.1-Kontext-pro", "unknown", "gpt-image-2-2026-04-21"];
  for (const model of [...models, ...others]) {
    const client = new AzureImageClient("https://my-resource.openai.azure.com", { key: "key" }, { deployment: "d", model, validation: "off" });
    for (const quality of [undefined, "auto", "low", "high", "max", "hd"]) {
      for (const size of [undefined, "auto", "1024x1024", "1536x1024", "2000x1100", "4096x4096"]) {
        for (const [n, partialImages] of [
          [1, 0],
          [3, 2],
        ] as const) {
          const { cost } = await client.estimate(
            { prompt: "a lake", n, partialImages, ...(quality && { quality }), ...(size && { size }) },
            { streamed: true },
          );
          await post(GENERATIONS, { model, n, partial_images: partialImages, stream: true, quality, size });
          const expected = cost?.max ?? 7 * n;
          expect(records.at(-1)?.estimatedDollars, `${model} ${quality} ${size} ${n}`).toBeCloseTo(expected, 6);
        }
      }
    }
  }
});
