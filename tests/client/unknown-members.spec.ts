import type { AzureImageClient } from "../../js/index.js";
import { expect, test } from "./fixtures.js";
import type { Call } from "./options.js";

/** A call with an unknown option, the `param` of its error, and parts of its message. */
type Row = [call: (client: AzureImageClient) => unknown, param: string, ...says: string[]];

test("every method refuses an unknown option by name, before anything is sent", async ({ page, simulator }) => {
  const wrong = await page.evaluate(async (endpoint) => {
    const make = (options: object, credential: unknown = { key: "simulator-key" }) =>
      new azure.AzureImageClient(endpoint, credential as never, { deployment: "gpt-image-1", ...options });
    const prompt = { prompt: "a lake" };
    const image = new Blob([Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91Jpz"), (letter) => letter.charCodeAt(0))]);
    const edit = { ...prompt, image };
    const model = { model: "gpt-4.1" };
    const response = { ...model, input: "a lake" };
    // Objects made apart, as a page without TypeScript makes them.
    const given = (members: object): never => members as never;
    const first = async (list: AsyncIterable<unknown>) => {
      for await (const item of list) return item;
      return undefined;
    };
    const made = (options: object, credential?: unknown) => () => make(options, credential).generate(prompt);
    const created = (members: object) => (client: AzureImageClient) => client.responses.create(given({ ...response, ...members }));
    const said = (...items: unknown[]) => created({ input: items });
    const generated = (members: object) => (client: AzureImageClient) => client.generate(given({ ...prompt, ...members }));
    const noOption = "Unknown option sizee. Known options: abortSignal";

    const table: Record<Exclude<Call, "getEndpoint"> | "responses job.cancel", Row[]> = {
      constructor: [
        [made({ api_version: "preview" }), "api_version", "Unknown option api_version. Write apiVersion."],
        [made({ maxRetries: 0 }), "maxRetries", "Unknown option maxRetries. Write retryOptions.maxRetries in the client options."],
        [made({ max_retries: 0 }), "max_retries", "Write retryOptions.maxRetries in the client options."],
        [made({ maxRetires: 0 }), "maxRetires", "Write retryOptions.maxRetries in the client options."],
        [made({ retryOptions: { retries: 1 } }), "retryOptions.retries", "Known options: maxRetries, retryDelayInMs"],
        [made({ retryOptions: { "max-retry": 1, maxRetrie: 1 } }), "retryOptions.max-retry", "Known options"],
        [made({ retryOptions: { maxRetrie: 1 } }), "retryOptions.maxRetrie", "Write retryOptions.maxRetries."],
        [made({ rates: { text_input: 5 } }), "rates.text_input", "Write rates.textInput."],
        [made({ apiKey: "SECRET" }), "apiKey", "Known options: deployment"],
        [made({ size: "1024x1024" }), "size", "Pass size in the request."],
        [made({ ["x".repeat(1e6)]: 1 }), "x".repeat(40), `Unknown option ${"x".repeat(40)}. Known options: deployment, imageDeployment`],
        [made({ "a\nb": 1 }), "a\nb", "Unknown option a\nb."],
        [made({ toString: "a" }), "toString", "Known options"],
        [made({ validation: "off", typo: null }), "typo", "Known options"],
        [made({}, { key: "SECRET", endpoint }), "credential.endpoint", "Known options: key"],
        [made({}, { key: "SECRET", Key: "SECRET" }), "credential.Key", "Write credential.key."],
        [() => make({ typo: 1 }).probe(), "typo"],
        [() => make({ typo: 1 }).files.get("file-1"), "typo"],
        [() => make({ typo: 1 }).responses.create(response), "typo"],
      ],
      generate: [
        [generated({ qualty: "low" }), "qualty", "Unknown option qualty. Write quality."],
        [generated({ output_format: "png" }), "output_format", "Unknown option output_format. Write outputFormat."],
        [generated({ "output-format": "png" }), "output-format", "Write outputFormat."],
        [generated({ outputformat: "png" }), "outputformat", "Write outputFormat."],
        [generated({ szie: "auto" }), "szie", "Write size."],
        [generated({ stream: true }), "stream", "Leave it out, or use generateStream."],
        [generated({ partialImages: 2 }), "partialImages", "use generateStream."],
        [generated({ partial_images: 2 }), "partial_images", "use generateStream."],
        [generated({ image }), "image", "Use edit or editStream"],
        [generated({ input_fidelity: "high" }), "input_fidelity", "Use edit or editStream"],
        [generated({ signal: new AbortController().signal }), "signal", "Pass abortSignal in the second argument."],
        [generated({ onProgress() {} }), "onProgress", "Pass onProgress in the second argument."],
        [generated({ timeoutInMs: 5 }), "timeoutInMs", "Pass timeoutInMs in the second argument."],
        [generated({ maxRetries: 5 }), "maxRetries", "Write retryOptions.maxRetries in the client options."],
        [
          generated({ sparkle: 5 }),
          "sparkle",
          "Known options: prompt, deployment, n, model, size",
          "extraBody (sends fields this version does not know)",
        ],
        [generated({ x: 5 }), "x", "Known options"],
        [() => make({ validation: "off" }).generate(given({ ...prompt, qualty: "low" })), "qualty", "Write quality."],
        [(client) => client.generate(prompt, given({ signal: new AbortController().signal })), "signal", "Write abortSignal."],
        [(client) => client.generate(prompt, given({ size: "auto" })), "size", "Pass size in the request."],
        [(client) => client.generate(prompt, given({ headers: {} })), "headers", "Known options: abortSignal"],
        [(client) => client.generate(prompt, given({ stream: true })), "stream", "Leave it out, or use generateStream."],
        [
          (client) => client.generate(prompt, given({ keepPartialImages: true })),
          "keepPartialImages",
          "Known options: abortSignal, timeoutInMs, idleTimeoutInMs, totalTimeoutInMs, onProgress, onImage",
        ],
      ],
      generateStream: [
        [(client) => client.generateStream(given({ ...prompt, qualty: "low" })).result(), "qualty", "Write quality."],
        [(client) => client.generateStream(given({ ...prompt, stream: true })).result(), "stream", "Leave it out"],
        [(client) => first(client.generateStream(given({ ...prompt, partial_images: 1 }))), "partial_images", "Write partialImages."],
        [(client) => client.generateStream(prompt, given({ keepPartialImage: true })).result(), "keepPartialImage", "Write keepPartialImages."],
        [(client) => client.generateStream(prompt, given({ onImage() {} })).result(), "onImage", "Known options: abortSignal"],
        [(client) => client.generateStream(prompt, given({ partialImages: 1 })).result(), "partialImages", "Pass partialImages in the request."],
      ],
      edit: [
        [(client) => client.edit(given({ ...edit, images: [image] })), "images", "Write image."],
        [(client) => client.edit(given({ ...edit, stream: true })), "stream", "Leave it out, or use editStream."],
        [(client) => client.edit(given({ ...edit, partialImages: 1 })), "partialImages", "use editStream."],
        [
          (client) => client.edit(given({ ...edit, style: "vivid" })),
          "style",
          "Known options",
          "extraBody (sends fields this version does not know)",
        ],
        [(client) => client.edit(edit, given({ mask: image })), "mask", "Pass mask in the request."],
      ],
      editStream: [
        [(client) => client.editStream(given({ ...edit, input_fidelity: "low" })).result(), "input_fidelity", "Write inputFidelity."],
        [(client) => client.editStream(edit, given({ sizee: 1 })).result(), "sizee", "Pass size in the request."],
      ],
      validate: [
        [(client) => client.validate(given({ ...prompt, qualty: "low" })), "qualty", "Write quality."],
        [(client) => client.validate(given({ ...edit, qualty: "low" })), "qualty", "Write quality."],
        [(client) => client.validate(given({ ...prompt, mask: image })), "mask", "Known options"],
        [(client) => client.validate(prompt, given({ stream: true })), "stream", "Known options: streamed."],
      ],
      estimate: [
        [(client) => client.estimate(given({ ...prompt, qualty: "low" })), "qualty", "Write quality."],
        [(client) => client.estimate(prompt, given({ sizee: "auto" })), "sizee", "Known options: streamed."],
      ],
      probe: [[(client) => client.probe(given({ signal: undefined, timeout: 5 })), "timeout", "Write timeoutInMs."]],
      "responses.create": [
        [created({ background: true }), "background", "use responses.start."],
        [created({ stream: true }), "stream", "Leave it out, or use responses.stream."],
        [created({ size: "auto" }), "size", "Write tool.size."],
        [created({ output_format: "png" }), "output_format", "Write tool.outputFormat."],
        [created({ tool_choice: "none" }), "tool_choice", "Write toolChoice."],
        [created({ messages: [] }), "messages", "Known options"],
        [created({ deployment: "gpt-4.1" }), "deployment", "Write model or imageDeployment."],
        [created({ sparkle: 1 }), "sparkle", "Known options: model, agent, input", "extraBody (sends fields this version does not know)"],
        [created({ tool: { qualty: "low" } }), "tool.qualty", "Unknown option tool.qualty. Write tool.quality."],
        [created({ tool: { sparkle: 1 } }), "tool.sparkle", "Known options: model, size", "extra (sends fields this version does not know)"],
        [created({ tool: { inputImageMask: { file_id: "a", fileId: "a" } } }), "tool.inputImageMask.file_id", "Write tool.inputImageMask.fileId."],
        [said({ txt: "a" }), "input[0].txt", "Write input[0].text."],
        [said("a", { image, detial: "low" }), "input[1].detial", "Write input[1].detail."],
        [said({ text: "a", detail: "low" }), "input[0].detail", "Known options: text."],
        [said({ role: "user", content: "a", name: "me" }), "input[0].name", "Known options: role, content."],
        [said({ functionCallOutput: { call_id: "a", output: "b" } }), "input[0].functionCallOutput.call_id", "functionCallOutput.callId."],
        [said({ functionCallOutput: { callId: "a", output: "b" }, text: "c" }), "input[0].text", "Known options: functionCallOutput."],
        [said({ mcpApproval: { requestId: "a", approved: true } }), "input[0].mcpApproval.approved", "mcpApproval.approve."],
        [said({ computerCallOutput: { callId: "a", image } }), "input[0].computerCallOutput.image", "Known options: callId, screenshot"],
        [said({ role: "user", content: [{ text: "a", sizee: 1 }] }), "input[0].content[0].sizee"],
        [
          (client) => client.responses.create(response, given({ onImage() {} })),
          "onImage",
          "Known options: abortSignal, timeoutInMs, idleTimeoutInMs, totalTimeoutInMs, onProgress.",
        ],
        [(client) => client.responses.create(response, given({ input: "a" })), "input", "Pass input in the request."],
      ],
      "responses.stream": [
        [(client) => client.responses.stream(given({ ...response, background: true })).result(), "background", "use responses.start."],
        [(client) => client.responses.stream(given({ ...response, stream: true })).result(), "stream", "Leave it out"],
        [(client) => client.responses.stream(response, given({ keepPartialImage: true })).result(), "keepPartialImage", "Write keepPartialImages."],
      ],
      "responses.start": [
        [(client) => client.responses.start(given({ ...response, background: true })), "background", "Leave it out, or use responses.start"],
        [(client) => client.responses.start(given({ ...response, toolz: [] })), "toolz", "Write tool."],
        [(client) => client.responses.start(response, given({ signal: 1 })), "signal", "Write abortSignal."],
      ],
      "responses.runTools": [
        [(client) => client.responses.runTools(given({ ...response, stream: true }), {}).result(), "stream", "Leave it out"],
        [(client) => client.responses.runTools(response, {}, given({ maxTurns: 3 })).result(), "maxTurns", "maxRounds"],
      ],
      "responses.resume": [
        [(client) => client.responses.resume("resp_1", given({ starting_after: 1 })).result(), "starting_after", "Write startingAfter."],
      ],
      "responses.get": [[(client) => client.responses.get("resp_1", given({ sizee: 1 })), "sizee", noOption]],
      "responses.cancel": [[(client) => client.responses.cancel("resp_1", given({ sizee: 1 })), "sizee", noOption]],
      "responses.delete": [
        [
          (client) => client.responses.delete("resp_1", given({ onProgress() {} })),
          "onProgress",
          "Known options: abortSignal, timeoutInMs, idleTimeoutInMs, totalTimeoutInMs.",
        ],
      ],
      "responses job.cancel": [[(client) => cancelled(client), "sizee", noOption]],
      "agents.createVersion": [[(client) => client.agents.createVersion("painter", model, given({ sizee: 1 })), "sizee", noOption]],
      "agents.get": [[(client) => client.agents.get("painter", given({ sizee: 1 })), "sizee", noOption]],
      "agents.list": [
        [(client) => first(client.agents.list(given({ page_size: 1 }))), "page_size", "Pass maxPageSize to byPage()."],
        [
          (client) => first(client.agents.list(given({ purpose: "evals" }))),
          "purpose",
          "Known options: abortSignal, timeoutInMs, idleTimeoutInMs, totalTimeoutInMs, order, kind.",
        ],
      ],
      "agents.delete": [[(client) => client.agents.delete("painter", given({ sizee: 1 })), "sizee", noOption]],
      "agents.getVersion": [[(client) => client.agents.getVersion("painter", "1", given({ sizee: 1 })), "sizee", noOption]],
      "agents.listVersions": [
        [(client) => first(client.agents.listVersions("painter", given({ kind: "prompt" }))), "kind", "totalTimeoutInMs, order."],
      ],
      "agents.deleteVersion": [[(client) => client.agents.deleteVersion("painter", "1", given({ sizee: 1 })), "sizee", noOption]],
      "conversations.create": [[(client) => client.conversations.create({}, given({ sizee: 1 })), "sizee", noOption]],
      "conversations.get": [[(client) => client.conversations.get("conv_1", given({ sizee: 1 })), "sizee", noOption]],
      "conversations.delete": [[(client) => client.conversations.delete("conv_1", given({ sizee: 1 })), "sizee", noOption]],
      "files.upload": [
        [(client) => client.files.upload(image, given({ filename: "a.png" })), "filename", "Write fileName."],
        [(client) => client.files.upload(image, given({ expires_after: 5 })), "expires_after", "Write expiresAfterInSeconds."],
      ],
      "files.get": [[(client) => client.files.get("file-1", given({ sizee: 1 })), "sizee", noOption]],
      "files.content": [[(client) => client.files.content("file-1", given({ container_id: "cntr_1" })), "container_id", "Write containerId."]],
      "files.list": [
        [
          (client) => first(client.files.list(given({ limit: 1 }))),
          "limit",
          "Known options: abortSignal, timeoutInMs, idleTimeoutInMs, totalTimeoutInMs, order, purpose.",
        ],
      ],
      "files.delete": [[(client) => client.files.delete("file-1", given({ sizee: 1 })), "sizee", noOption]],
    };

    /** Cancels a job that the page's own `fetch` keeps from starting anything. */
    async function cancelled(client: AzureImageClient): Promise<unknown> {
      const job = client.responses.resume("resp_1");
      try {
        return await job.cancel(given({ sizee: 1 }));
      } finally {
        job.dispose();
        await job.result().catch(() => {});
      }
    }

    const wrong: string[] = [];
    for (const [method, rows] of Object.entries(table)) {
      if (rows.length === 0) wrong.push(`${method}: nothing is tried`);
      for (const [call, param, ...says] of rows) {
        const { error } = await helpers.settled(() => call(make({ fetch: () => Promise.reject(new Error("sent")) })));
        const isRight = error?.code === "invalid_request" && error.param === param && error.billed === "no" && !error.retryable;
        const message = error?.message ?? "no error";
        if (!isRight || says.some((part) => !message.includes(part)) || /SECRET|1024|vivid/.test(message) || message.length > 700) {
          wrong.push(`${method} ${param}: ${error?.param}, ${message}`);
        }
      }
    }
    return wrong;
  }, simulator.url);
  expect(wrong).toEqual([]);
  expect(simulator.requests).toEqual([]);
});

test("what is not an option of its own is not refused, and open objects stay open", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const key = "simulator-key";
    const make = (credential: unknown = { key }, options: object = {}) =>
      new azure.AzureImageClient(endpoint, credential as never, { deployment: "gpt-image-1", imageDeployment: "gpt-image-1", ...options });
    class Prompt {
      prompt = "a lake";
      get sparkle(): number {
        return 1;
      }
      draw(): void {}
    }
    class KeyCredential {
      readonly _key = key;
      get key(): string {
        return this._key;
      }
    }
    const tokens = { key: "none", cache: {}, getToken: async () => ({ token: "simulator-token", expiresOnTimestamp: Date.now() + 3_600_000 }) };
    const response = { model: "gpt-4.1", input: "draw a lake" };
    const calls: Record<string, () => Promise<unknown>> = {
      undefined: () =>
        make({ key, region: undefined }, { typo: undefined }).generate({ prompt: "a lake", qualty: undefined } as never, { a: undefined } as never),
      "a class": () => make().generate(new Prompt()),
      "a symbol": () => make().generate({ prompt: "a lake", [Symbol("typo")]: 1 }),
      "a hidden property": () => make().generate(Object.defineProperty({ prompt: "a lake" }, "typo", { value: 1 })),
      "another library's key": () => make(new KeyCredential()).generate({ prompt: "a lake" }),
      "a token credential": () => make(tokens).generate({ prompt: "a lake" }),
      "an object in place of options": () => make().generate({ prompt: "a lake" }, new AbortController().signal as never),
      "extra options": () =>
        make({ key }, { extraHeaders: { "accept-language": "en" }, extraQuery: { team: "blue" }, catalog: { models: {} } }).generate({
          prompt: "a lake",
          extraBody: { quality: "low" },
        }),
      "a conversation": async () => {
        const conversation = await make().conversations.create({ metadata: { topic: "lakes" }, more: undefined });
        return make().responses.create({ ...response, conversation, metadata: { topic: "lakes" } });
      },
      "an item of the service": () =>
        make().responses.create({ ...response, input: [{ type: "message", role: "user", content: "draw a lake", status: "completed" }] }),
      "options of a tool": () => make().responses.create({ ...response, tool: { size: "1024x1024", extra: { quality: "low" } } }),
    };
    const wrong: string[] = [];
    const check = async (names: string[]) => {
      for (const name of names) {
        const { error } = await helpers.settled(() => calls[name]!());
        if (error) wrong.push(`${name}: ${error.message}`);
      }
    };
    await check(Object.keys(calls));
    Object.defineProperty(Object.prototype, "typo", { value: 1, enumerable: true, configurable: true, writable: true });
    try {
      await check(["a class", "options of a tool"]);
    } finally {
      delete (Object.prototype as { typo?: number }).typo;
    }
    return wrong;
  }, simulator.url);
  expect(report).toEqual([]);
});

test("an unknown option that cannot be read is refused as well", async ({ page, simulator }) => {
  const errors = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const options = Object.defineProperty({}, "typo", { enumerable: true, get: () => JSON.parse("mistake") });
    const calls = [client.generate({ prompt: "a lake" }, options), client.probe(options), client.responses.get("resp_1", options)];
    return Promise.all(calls.map(async (call) => (await helpers.settled<unknown>(() => call)).error?.code));
  }, simulator.url);
  expect(errors).toEqual(["invalid_request", "invalid_request", "invalid_request"]);
  expect(simulator.requests).toEqual([]);
});
