// The limits of `allow`.

import { expect, test } from "@playwright/test";
import type { ProxyAllow } from "azure-image-client/proxy";
import { direct } from "./direct.js";
import { EDITS, errorOf, GENERATIONS, RESPONSES } from "./fixtures.js";

const MAI = "/mai/v1/images/generations";
const FLUX = "/providers/blackforestlabs/v1/flux-2-pro?api-version=preview";
const CLASSIC = "/openai/deployments/gpt-image-2/images/generations?api-version=2025-04-01-preview";
const IMAGE_DEPLOYMENT = "x-ms-oai-image-generation-deployment";

interface Case {
  allow: ProxyAllow;
  path?: string;
  headers?: Record<string, string>;
  passes: object[];
  refuses: object[];
  param: string;
}

const tool = (values: object) => ({ model: "gpt-5.5", input: "x", tools: [{ type: "image_generation", ...values }] });

const CASES: Record<string, Case> = {
  "deployments by name": {
    allow: { deployments: ["painter"] },
    passes: [{ model: "painter" }],
    refuses: [{ model: "other" }, { model: "Painter" }, {}, { model: null }],
    param: "model",
  },
  "deployments of a path": { allow: { deployments: ["gpt-image-2"] }, path: CLASSIC, passes: [{}], refuses: [{ model: "other" }], param: "model" },
  "models behind names": {
    allow: { deployments: { painter: "gpt-image-2", "gpt-image-2": "gpt-image-1.5" }, models: ["gpt-image-2"] },
    passes: [{ model: "painter" }],
    refuses: [{ model: "gpt-image-2" }, { model: "other" }],
    param: "model",
  },
  "models by the deployment's name": {
    allow: { models: ["gpt-image-2", "mai-image-2.6"] },
    passes: [{ model: "gpt-image-2" }, { model: "gpt-image-2-2026-04-21" }, { model: "MAI-Image-2.6" }],
    refuses: [{ model: "gpt-image-1.5" }, { model: "painter" }, {}],
    param: "model",
  },
  "the model of a FLUX route": {
    allow: { models: ["FLUX.2-pro"] },
    path: FLUX,
    passes: [{ model: "painter" }, {}],
    refuses: [{ model: "FLUX.2-flex" }],
    param: "model",
  },
  sizes: {
    allow: { sizes: ["1024x1024", "auto"] },
    passes: [{ size: "1024x1024" }, { size: "auto" }, {}, { size: null }, { width: 1024, height: 1024 }],
    refuses: [{ size: "2048x2048" }, { size: "1024X1024" }, { width: 2048, height: 1024 }],
    param: "size",
  },
  "sizes of MAI": {
    allow: { sizes: ["1024x1024"] },
    path: MAI,
    passes: [{ width: 1024, height: 1024 }],
    refuses: [{ width: 1536, height: 1536 }, {}],
    param: "size",
  },
  "aspect ratios": { allow: { sizes: ["16:9"] }, path: FLUX, passes: [{ aspect_ratio: "16:9" }], refuses: [{ aspect_ratio: "21:9" }], param: "size" },
  qualities: {
    allow: { qualities: ["low"] },
    passes: [{ quality: "low" }],
    refuses: [{ quality: "high" }, {}, { quality: "auto" }],
    param: "quality",
  },
  n: { allow: { n: 2 }, passes: [{}, { n: 1 }, { n: 2 }], refuses: [{ n: 3 }], param: "n" },
  "tools by default": {
    allow: {},
    path: RESPONSES,
    passes: [tool({}), { tools: [{ type: "function", name: "f" }] }, { tools: [{ type: "custom", name: "f" }] }, { tools: [] }, { tools: null }],
    refuses: ["mcp", "code_interpreter", "web_search", "file_search", "computer_use_preview"].map((type) => ({ tools: [{ type }] })),
    param: "tools",
  },
  tools: {
    allow: { tools: ["web_search"] },
    path: RESPONSES,
    passes: [{ tools: [{ type: "web_search" }] }],
    refuses: [tool({}), { tools: [{ type: "web_search" }, { type: "image_generation" }] }],
    param: "tools",
  },
  "the look of a tool's images": {
    allow: { sizes: ["1024x1024"], qualities: ["low"] },
    path: RESPONSES,
    passes: [tool({ size: "1024x1024", quality: "low" })],
    refuses: [tool({ size: "2048x2048", quality: "low" }), tool({ quality: "low" })],
    param: "size",
  },
  "the model of a tool": {
    allow: { models: ["gpt-image-2"] },
    path: RESPONSES,
    headers: { [IMAGE_DEPLOYMENT]: "gpt-image-2" },
    passes: [tool({}), tool({ model: "gpt-image-2" })],
    refuses: [tool({ model: "gpt-image-1.5" })],
    param: "model",
  },
  "the image deployment of a response": {
    allow: { deployments: ["gpt-5.5"] },
    path: RESPONSES,
    headers: { [IMAGE_DEPLOYMENT]: "gpt-image-2" },
    passes: [],
    refuses: [tool({})],
    param: IMAGE_DEPLOYMENT,
  },
  "the text model": {
    allow: { deployments: ["gpt-5.5"] },
    path: RESPONSES,
    passes: [{ model: "gpt-5.5" }, { agent_reference: { name: "painter" } }],
    refuses: [{ model: "gpt-4.1" }, {}, { model: "gpt-4.1", agent_reference: { name: "painter" } }],
    param: "model",
  },
  agents: {
    allow: { agents: ["painter"] },
    path: RESPONSES,
    passes: [{ agent_reference: { name: "painter" } }, { agent: { name: "painter" } }, { model: "gpt-5.5" }],
    refuses: [{ agent_reference: { name: "other" } }],
    param: "agent_reference",
  },
};

for (const [name, { allow, path = GENERATIONS, headers = {}, passes, refuses, param }] of Object.entries(CASES)) {
  test(`limits ${name}`, async () => {
    const { post, bodies } = direct({ allow });
    for (const body of passes) expect((await post(path, body, headers)).status, JSON.stringify(body)).toBe(200);
    expect(bodies).toEqual(passes.map((body) => JSON.stringify(body)));
    for (const body of refuses) {
      expect(await errorOf(await post(path, body, headers)), JSON.stringify(body)).toMatchObject({ status: 403, code: "proxy_not_allowed", param });
    }
    expect(bodies).toHaveLength(passes.length);
  });
}

test("closes groups of routes", async () => {
  const { post } = direct({ allow: { routes: ["images"] } });
  expect((await post(GENERATIONS, {})).status).toBe(200);
  for (const path of [RESPONSES, "/openai/v1/conversations"]) expect((await post(path, {})).status).toBe(404);
});

test("names what is allowed", async () => {
  const { post } = direct({ allow: { sizes: ["1024x1024", "auto"] } });
  expect((await errorOf(await post(GENERATIONS, { size: "9".repeat(500) }))).message).toBe(
    `The size "${"9".repeat(100)}…" is not allowed here. Allowed: 1024x1024, auto.`,
  );
});

const form = (fields: [name: string, value: string | Blob][]): FormData => {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return form;
};
const FILE = new Blob(["\r\n--not the boundary\r\n\r\n--"], { type: "image/png" });

/** Encodes a form, and cuts it. */
async function pieces(body: FormData, size: number): Promise<{ stream: ReadableStream<Uint8Array>; headers: Record<string, string>; text: string }> {
  const encoded = new Response(body);
  const bytes = new Uint8Array(await encoded.arrayBuffer());
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size));
      controller.close();
    },
  });
  return { stream, headers: { "content-type": encoded.headers.get("content-type") ?? "" }, text: new TextDecoder().decode(bytes) };
}

for (const size of [1, 2, 3, 7, 16, 61, 64, 1000]) {
  test(`reads the fields of a form that comes in pieces of ${size} bytes, and passes each byte`, async () => {
    const { post, bodies, records } = direct({ allow: { deployments: ["painter"], n: 2, qualities: ["low"] } });
    const good: [string, string | Blob][] = [
      ["model", "painter"],
      ["prompt", "a lake\r\n--\r\n"],
      ["image[]", FILE],
      ["image[]", FILE],
      ["mask", FILE],
      ["stream", "True"],
      ["partial_images", "2"],
      ["quality", "low"],
      ["n", "2"],
    ];
    const { stream, headers, text } = await pieces(form(good), size);
    expect((await post(EDITS, stream, headers)).status).toBe(200);
    expect(bodies).toEqual([text]);
    expect(records[0]).toMatchObject({ deployment: "painter" });
    const bad = await pieces(form([...good.slice(0, -1), ["n", "3"]]), size);
    expect(await errorOf(await post(EDITS, bad.stream, bad.headers))).toMatchObject({ status: 403, param: "n" });
    expect(bodies).toHaveLength(1);
  });
}
