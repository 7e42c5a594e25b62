import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.js";

/** Names of options, records, events and options of browser APIs. */
const NAMES = (
  "n size quality extraBody code message billed retryable param status cause images response raw failures warnings usage requestId apiVersion " +
  "deployment imageDeployment model service headers signal method body mode redirect cache credentials duplex keepalive endings type once " +
  "capture passive stream partialImages image mask input tool agent conversation metadata store role text fileId detail name version id data " +
  "has_more last_id deleted versions latest getToken key token accessToken expiresOn expiresOnTimestamp abortSignal timeoutInMs " +
  "totalTimeoutInMs onProgress onImage keepPartialImages startingAfter order purpose kind retryOptions maxRetries maxParallelRequests fetch " +
  "validation catalog rates isFree deliver preview place advice unusable revisedPrompt contentFilter call url sequenceNumber toJSON process " +
  "get set value streamed operation inputs blob mediaType warning extra imageUrl partial_images background"
).split(" ");

/** The kinds of properties that a script adds to every object. */
const KINDS = ["a value", "a function", "a constant", "a throwing accessor"] as const;

/** Makes calls with a `fetch` that needs no network while every object has the properties. Returns the requests and the outcomes. */
async function scenario([names, kind]: readonly [names: readonly string[], kind: (typeof KINDS)[number] | undefined]) {
  await azure.init();
  const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";
  const image = new Blob([Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0))], { type: "image/png" });
  const init = (status: number, type: string): ResponseInit => ({ __proto__: null, status, headers: [["content-type", type]] }) as ResponseInit;
  const usage = { input_tokens: 5, output_tokens: 7, total_tokens: 12 };
  const json = JSON.stringify({ created: 5, data: [{ b64_json: png }], usage });
  const partial = JSON.stringify({ type: "image_generation.partial_image", partial_image_index: 0, b64_json: png });
  const completed = JSON.stringify({ type: "image_generation.completed", b64_json: png, usage });
  const call = { type: "image_generation_call", id: "ig_1", status: "completed", result: png };
  const output = [call, { type: "message", id: "msg_1", role: "assistant", status: "completed", content: [{ type: "output_text", text: "Here" }] }];
  const response = { id: "resp_1", object: "response", status: "completed", model: "gpt-4.1", output };
  const responseEvents = [
    { type: "response.created", sequence_number: 0, response: { ...response, status: "in_progress", output: [] } },
    { type: "response.output_item.done", sequence_number: 1, output_index: 0, item: call },
    { type: "response.completed", sequence_number: 2, response },
  ];
  const events = (list: string[]) => list.map((data) => `data: ${data}\n\n`).join("");
  const refusal = JSON.stringify({ error: { code: "invalid_value", message: "No such size.", param: "size" } });
  const agent = { id: "a:1", name: "a", version: "1", created_at: 5, definition: {} };
  const replies: [part: string, status: number, type: string, text: string][] = [
    ["wrong", 400, "application/json", refusal],
    ["streamed", 200, "text/event-stream", events([partial, completed])],
    ["told", 200, "text/event-stream", events(responseEvents.map((event) => JSON.stringify(event)))],
    ["/responses", 200, "application/json", JSON.stringify(response)],
    ["/versions", 200, "application/json", JSON.stringify(agent)],
    ["/agents", 200, "application/json", JSON.stringify({ data: [{ id: "a", name: "a", versions: { latest: agent } }], has_more: false })],
    ["/conversations", 200, "application/json", JSON.stringify({ id: "conv_1", created_at: 5 })],
    ["/files", 200, "application/json", JSON.stringify({ id: "file-1", filename: "a.png", purpose: "assistants", created_at: 5 })],
    ["", 200, "application/json", json],
  ];
  const sent: Request[] = [];
  const fetch = async (request: Request) => {
    sent.push(request.clone());
    const text = `${request.url} ${await request.clone().text()}`;
    const [, status, type, body] = replies.find(([part]) => text.includes(part))!;
    return new Response(body, init(status, type));
  };
  const make = (credential: unknown) =>
    new azure.AzureImageClient("https://my-resource.services.ai.azure.com/api/projects/mine", credential as never, {
      deployment: "gpt-image-1",
      dangerouslyAllowApiKeyInBrowser: true,
      fetch,
    });
  const outcomes: [name: string, value: unknown][] = [];
  const read = async <Event>(stream: AsyncIterable<Event>) => {
    const all: Event[] = [];
    for await (const event of stream) all.push(event);
    return all;
  };
  /** Options by a class of the page stay options. */
  class Prompt {
    prompt = "a lake";
  }
  class Options {
    onProgress = () => {};
    get timeoutInMs() {
      return 5000;
    }
  }
  class Credential {
    getToken() {
      return Promise.resolve({ token: "a-token", expiresOnTimestamp: 9e12 });
    }
  }
  const tools = [{ type: "function", name: "f", parameters: { type: "object" } }, { type: "code_interpreter" }];
  const text = {
    model: "gpt-4.1",
    input: ["a lake", { image }, { role: "user", content: [{ text: "more" }] }],
    tool: {},
    tools,
    metadata: { a: "b" },
  };
  const works: Record<string, (client: InstanceType<typeof azure.AzureImageClient>) => unknown> = {
    generate: (client) => client.generate({ prompt: "a lake", extraBody: { list: [{ a: 1 }] } }),
    class: (client) => client.generate(new Prompt(), new Options()),
    wrong: (client) => client.generate({ prompt: "a wrong lake" }),
    edit: (client) => client.edit({ prompt: "a lake", image }),
    stream: (client) => read(client.generateStream({ prompt: "a streamed lake", partialImages: 1 })),
    validate: (client) => client.validate({ prompt: "a lake", size: "1x1" }),
    estimate: (client) => client.estimate({ prompt: "a lake", size: "1024x1024", quality: "low" }),
    endpoint: (client) => client.getEndpoint(),
    response: (client) => client.responses.create(text),
    responseStream: (client) => read(client.responses.stream({ ...text, instructions: "told" })),
    agent: (client) => client.agents.createVersion("a", { model: "gpt-4.1", tools: [{ type: "image_generation" }] }),
    agents: (client) => read(client.agents.list()),
    conversation: (client) => client.conversations.create(),
    upload: (client) => client.files.upload(image),
    deletion: (client) => client.files.delete("file-1"),
    unknown: (client) => client.generate({ prompt: "a lake", qualty: "low" } as never),
  };
  const value = { "a value": "polluted", "a function": () => "polluted", "a constant": "polluted", "a throwing accessor": 0 };
  const fail = (): unknown => JSON.parse("polluted");
  if (kind) {
    for (const name of names) {
      const property = kind === "a throwing accessor" ? { get: fail, set: fail } : { value: value[kind], writable: kind !== "a constant" };
      // The test polluted `get` and `value` itself.
      Object.defineProperty(Object.prototype, name, Object.assign(Object.create(null), { ...property, configurable: true, enumerable: true }));
    }
  }
  try {
    for (const [credential, list] of [
      [null, Object.keys(works)],
      [new Credential(), ["generate"]],
      [{ key: "a-key" }, ["generate"]],
    ] as const) {
      const client = make(credential);
      for (const name of list) {
        try {
          outcomes[outcomes.length] = [name, await works[name]!(client)];
        } catch (error) {
          outcomes[outcomes.length] = [name, error];
        }
      }
    }
  } finally {
    if (kind) for (const name of names) delete (Object.prototype as Record<string, unknown>)[name];
  }
  const described = (_: string, part: unknown): unknown => {
    if (part instanceof Error) return { ...part, message: part.message, name: part.name, hasCause: Object.hasOwn(part, "cause") };
    return part instanceof Blob ? part.size : part;
  };
  const requests = await Promise.all(
    sent.map(async (request) => ({
      ...{ method: request.method, url: request.url, mode: request.mode, redirect: request.redirect, cache: request.cache },
      headers: [...request.headers].filter(([name]) => name !== "content-type"),
      body: (await request.text()).replace(/----\S+|formdata-\S+/g, ""),
    })),
  );
  return { requests, outcomes: outcomes.map(([name, outcome]) => `${name}: ${JSON.stringify(outcome, described)}`) };
}

const WEBKIT = "WebKitGTK cannot read the form of a request.";

// In Node, the platform itself reads some of them.
test("what a script adds to Object.prototype is neither an option nor a result", { tag: "@browser" }, async ({ page, engine }) => {
  test.skip(engine === "webkit", WEBKIT);
  const clean = await page.evaluate(scenario, [[], undefined] as const);
  expect(clean.outcomes).toHaveLength(18);
  expect(clean.outcomes.filter((outcome) => outcome.includes("invalid_request"))).toHaveLength(2);
  for (const kind of KINDS) {
    for (const name of NAMES) {
      // JSON.stringify would call it for every list.
      if (name === "toJSON" && kind === "a throwing accessor") continue;
      const polluted = await page.evaluate(scenario, [[name], kind] as const);
      expect.soft(polluted, `${name}, ${kind}`).toEqual(clean);
    }
  }
});

test("no name in the package can be added to Object.prototype with an effect", { tag: "@nightly" }, async ({ page, engine }) => {
  test.skip(engine === "node", "The platform itself reads some of them.");
  test.skip(engine === "webkit", WEBKIT);
  test.setTimeout(600_000);
  const source = await readFile(new URL("../../dist/azure-image-client.min.js", import.meta.url), "utf8");
  const names = new Set([...source.matchAll(/[.{,]([a-z]\w{2,})\b/gi)].map(([, name]) => name as string));
  const clean = await page.evaluate(scenario, [[], undefined] as const);
  expect(names.size).toBeGreaterThan(300);
  for (const name of names) {
    // Every loop of the page calls the last two.
    if (name in Object.prototype || ["next", "return"].includes(name)) continue;
    expect.soft(await page.evaluate(scenario, [[name], "a value"] as const), name).toEqual(clean);
  }
});
