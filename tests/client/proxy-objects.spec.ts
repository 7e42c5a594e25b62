import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.js";
import type * as Azure from "../../js/index.js";

/** The public classes that have instances. */
const CLASSES = [
  "Agents",
  "AzureImageClient",
  "AzureImageError",
  "Conversations",
  "Files",
  "GeneratedImage",
  "ImageStream",
  "ResponseJob",
  "ResponseStream",
  "Responses",
  "ToolCall",
  "ApprovalRequest",
  "ToolRun",
] as const;

type ClassName = (typeof CLASSES)[number];

test("every public class is in the list", async () => {
  const types = await readFile(new URL("../types/azure-image-client.txt", import.meta.url), "utf8");
  const classes = [...types.matchAll(/^export declare class (\w+)/gm)].map(([, name]) => name);
  expect([...new Set(classes)].sort()).toEqual([...CLASSES].sort());
});

/** Uses every member of the objects of a class, on the object and through a proxy. Runs in the page. */
async function useMembers([endpoint, className]: readonly [string, ClassName]) {
  const newClient = () =>
    new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", imageDeployment: "gpt-image-1" });
  const [image] = (await newClient().generate({ prompt: "a lake" })).images;
  const response = { model: "gpt-4.1", input: "Draw a lake" };
  const fields = { code: "cancelled", message: "The call was cancelled.", billed: "no", retryable: false } as const;
  const sources: Record<ClassName, () => object | Promise<object>> = {
    Agents: () => newClient().agents,
    AzureImageClient: newClient,
    AzureImageError: () => new azure.AzureImageError(fields, image),
    Conversations: () => newClient().conversations,
    Files: () => newClient().files,
    GeneratedImage: () => image!,
    ImageStream: () => newClient().generateStream({ prompt: "a lake" }),
    ResponseJob: () => newClient().responses.start(response),
    ResponseStream: () => newClient().responses.stream(response),
    Responses: () => newClient().responses,
    ToolCall: async () => {
      const tools = [{ type: "code_interpreter" }];
      return (await newClient().responses.create({ model: "gpt-4.1", input: "Calculate the squares as CSV", tools })).toolCalls[0]!;
    },
    ApprovalRequest: async () => {
      const tools = [{ type: "mcp", serverLabel: "docs", serverUrl: "https://example.com/mcp" }];
      return (await newClient().responses.create({ model: "gpt-4.1", input: "Ask the docs", tools })).approvalRequests[0]!;
    },
    ToolRun: () => newClient().responses.runTools(response, {}),
  };

  const members = new Map<string | symbol, "method" | "data">();
  let owner = await sources[className]();
  const name = Object.prototype.toString.call(owner);
  const first = owner;
  while (owner !== Object.prototype && owner !== Error.prototype) {
    for (const key of Reflect.ownKeys(owner)) {
      const isMethod = typeof Object.getOwnPropertyDescriptor(owner, key)?.value === "function" && owner !== first;
      if (key !== "constructor" && key !== "stack" && !members.has(key)) members.set(key, isMethod ? "method" : "data");
    }
    owner = Object.getPrototypeOf(owner) as object;
  }

  const kindOf = (value: unknown) => (typeof value === "object" ? Object.prototype.toString.call(value) : typeof value);
  const dispose = (object: object) => {
    if ("dispose" in object) (object as Azure.GeneratedImage).dispose();
  };
  dispose(first);
  const use = async (key: string | symbol, view: (object: object) => object): Promise<string> => {
    const object = await sources[className]();
    try {
      const seen = view(object);
      const member: unknown = Reflect.get(seen, key, seen);
      return kindOf(await (members.get(key) === "method" ? (member as () => unknown).call(seen) : member));
    } catch (error) {
      return error instanceof azure.AzureImageError ? error.code : String(error);
    } finally {
      dispose(object);
    }
  };
  const outcomes = [];
  for (const key of members.keys()) {
    const direct = await use(key, (object) => object);
    outcomes.push({ key: String(key), direct, behind: await use(key, (object) => new Proxy(object, {})) });
  }
  return { name, outcomes };
}

for (const className of CLASSES) {
  test(`every member of ${className} works through a proxy`, async ({ page, simulator }) => {
    const { name, outcomes } = await page.evaluate(useMembers, [simulator.url, className] as const);
    expect(outcomes.length).toBeGreaterThan(3);
    for (const { key, direct, behind } of outcomes) {
      expect.soft(direct, key).not.toContain("TypeError");
      expect.soft(behind, key).toBe(direct);
    }
    // Vue and Alpine decide by this name.
    expect(name).toBe(className === "AzureImageError" ? "[object Error]" : `[object ${className}]`);
  });
}

test("images, requests and lists are accepted behind proxies", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const isObject = (value: unknown): value is object => typeof value === "object" && value !== null && !(value instanceof Blob);
    /** Hands out objects behind proxies, as reactive state does. */
    const wrap = <Value extends object>(value: Value): Value =>
      new Proxy(value, {
        get(target, key, receiver) {
          const member: unknown = Reflect.get(target, key, receiver);
          return isObject(member) ? wrap(member) : member;
        },
      });
    /** Wraps functions too, and the objects that they return. */
    const wrapAll = <Value extends object>(value: Value): Value => {
      const wrapped = (member: unknown) => (isObject(member) || typeof member === "function" ? wrapAll(member) : member);
      return new Proxy(value, {
        get: (target, key, receiver) => wrapped(Reflect.get(target, key, receiver)),
        apply: (target, receiver, parameters) => wrapped(Reflect.apply(target as () => unknown, receiver, parameters as [])),
      });
    };
    const options = { deployment: "gpt-image-1", imageDeployment: "gpt-image-1", extraQuery: { team: "a" } };
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, wrap(options));
    const [image] = (await client.generate(wrap({ prompt: "a lake", size: "1024x1024", background: "transparent", extraBody: { user: "me" } })))
      .images;
    const wrapped = wrapAll(image!);
    const edited = await client.edit(wrap({ prompt: "at night", image: [image!], mask: image! }));
    const problems = await client.validate(wrap({ prompt: "at night", image: image! }));
    const file = await client.files.upload(wrapped);
    const input = ["Edit it: at night", { image: image! }, { role: "user", content: [{ text: "Edit it" }, { image: image! }] }];
    const response = await client.responses.create(wrap({ model: "gpt-4.1", input, tool: { inputImageMask: image! } }));
    const loaded = await helpers.load(wrapped.objectUrl);
    wrapped.dispose();
    return {
      edited: edited.images.length,
      drawn: response.images.length,
      problems,
      bytes: [file.bytes, image!.byteLength, (await image!.bytes()).length],
      loaded,
      isBlob: wrapped.blob === image!.blob,
      urls: helpers.liveUrls.size,
    };
  }, simulator.url);
  expect(report).toMatchObject({ edited: 1, drawn: 1, problems: [], loaded: { width: 1024, height: 1024 }, isBlob: true, urls: 0 });
  expect(new Set(report.bytes).size).toBe(1);
});

test("methods keep their names and lengths", async ({ page }) => {
  const { name, length } = await page.evaluate(() => {
    const { name, length } = azure.AzureImageClient.prototype.edit;
    return { name, length };
  });
  expect({ name, length }).toEqual({ name: "edit", length: 1 });
});

test("a browser object behind a proxy is refused with the reason", { tag: "@browser" }, async ({ page, simulator }) => {
  const errors = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const file = new Proxy(new File(["a"], "a.png"), {});
    const abortSignal = new Proxy(new AbortController().signal, {});
    const calls = [
      () => client.edit({ prompt: "a lake", image: file }),
      () => client.files.upload(file),
      () => client.generate({ prompt: "a lake" }, { abortSignal }),
      () => client.responses.start({ model: "gpt-4.1", input: "a lake" }, { abortSignal }),
      () => client.files.get("file-1", { abortSignal }),
    ];
    return Promise.all(calls.map(async (call) => (await helpers.settled<unknown>(call)).error));
  }, simulator.url);
  for (const [index, [param, what]] of [
    ["image", "a Blob"],
    ["file", "a Blob"],
    ["abortSignal", "an AbortSignal"],
    ["abortSignal", "an AbortSignal"],
    ["abortSignal", "an AbortSignal"],
  ].entries()) {
    expect(errors[index]).toMatchObject({ code: "invalid_request", param, billed: "no" });
    expect(errors[index]?.message).toContain(`${param} is a Proxy around ${what}, which browsers cannot read. Pass the original.`);
  }
  expect(simulator.requests).toEqual([]);
});

test("subclasses work through a proxy, and super calls too", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    class Client extends azure.AzureImageClient {
      prompts: string[] = [];

      override generate(request: Azure.GenerateRequest) {
        this.prompts.push(request.prompt);
        return super.generate({ ...request, size: "1024x1024" });
      }
    }
    const client = new Proxy(new Client(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" }), {});
    const { images } = await client.generate({ prompt: "a lake" });
    return { prompts: client.prompts, width: images[0]?.width, isClient: client instanceof azure.AzureImageClient };
  }, simulator.url);
  expect(report).toEqual({ prompts: ["a lake"], width: 1024, isClient: true });
});
