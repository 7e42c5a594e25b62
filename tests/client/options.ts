// Every option of every call, in every form that can hold a text. The compiler asks for what is new.

import type {
  AgentDefinition,
  AgentListOptions,
  Agents,
  AzureImageClient,
  CallOptions,
  ClientOptions,
  Conversations,
  EditRequest,
  FileContentOptions,
  FileListOptions,
  Files,
  GenerateRequest,
  ImageGenTool,
  ImageGenToolOptions,
  ListOptions,
  OperationOptions,
  NewConversation,
  ResponseInputFile,
  ResponseInputImage,
  ResponseInputMessage,
  ResponseInputText,
  ResponseRequest,
  Responses,
  ResumeOptions,
  RunToolsOptions,
  StreamOptions,
  StreamRequest,
  UploadOptions,
} from "../../js/index.js";

/** The members that a type names, without those that it only lets pass. */
type Named<Type> = keyof { [Member in keyof Type as string extends Member ? never : Member]: Type[Member] };

/** What may stand in each member of a type, or of a union of types. */
type Forms<Type> = Record<Named<Type> & string, readonly unknown[]>;

/** The methods of a class. */
type Methods<Class> = { [Name in keyof Class]: Class[Name] extends (...given: never) => unknown ? Name : never }[keyof Class] & string;

/** Everything that takes an option. */
export type Call =
  | "constructor"
  | Methods<AzureImageClient>
  | `agents.${Methods<Agents>}`
  | `conversations.${Methods<Conversations>}`
  | `files.${Methods<Files>}`
  | `responses.${Methods<Responses>}`;

/** A call with a text in one of its options. */
export type Trial = [option: string, call: (client: AzureImageClient) => unknown];

declare global {
  /** All calls that have a text somewhere. `make` makes a client of what it would otherwise be made of. */
  var trials: (text: string, make: (given: { endpoint?: string; credential?: unknown; options?: object }) => AzureImageClient) => Trial[];
}

/** Runs in the page, and so has all that it needs within. */
export function defineTrials(): void {
  const bytes = Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91Jpz"), (letter) => letter.charCodeAt(0));
  const first = async (list: AsyncIterable<unknown>) => {
    for await (const item of list) return item;
    return undefined;
  };

  globalThis.trials = (text, make) => {
    const image = new Blob([bytes], { type: "image/png" });
    // Also of a number that is sent: a page that is no TypeScript may pass a text.
    const plain = [text];
    const never: [] = [];
    const list = [text, [text]];
    const members = [text, { [text]: "a" }, { a: text }];
    const picture = [text, new File([bytes], text, { type: "image/png" }), new File(["no picture"], text, { type: text })];
    const within = <Type>(forms: Forms<Type>): object[] =>
      Object.entries<readonly unknown[]>(forms).flatMap(([name, values]) => values.map((value) => ({ [name]: value })));

    /** A call for each form of each member. */
    const each = <Type>(forms: Forms<Type>, call: (client: AzureImageClient, member: never) => unknown): Trial[] =>
      Object.entries<readonly unknown[]>(forms).flatMap(([name, values]) =>
        values.map((value): Trial => [name, (client) => call(client, { [name]: value } as never)]),
      );

    const drawing = { size: plain, quality: plain, background: plain, outputFormat: plain, outputCompression: plain, moderation: plain };
    const ofServices = { aspectRatio: plain, seed: plain, guidance: plain, steps: plain, safetyTolerance: plain, promptUpsampling: plain };
    const common = {
      ...{ ...drawing, ...ofServices, webGrounding: plain, service: plain },
      ...{ prompt: plain, deployment: plain, model: plain, n: plain, user: plain, extraBody: members },
    };
    const generation: Forms<GenerateRequest> = { ...common, autoAspectRatio: plain, responseFormat: plain, style: plain };
    const partialImages: Forms<StreamRequest> = { partialImages: plain };
    const edit: Forms<EditRequest> = {
      ...common,
      image: [...picture, ...picture.map((other) => [image, other])],
      mask: picture,
      inputFidelity: plain,
    };
    const url = ["data:", "http:", "https:", "https://host/"].map((start) => start + text);
    const mask = within({ fileId: plain, imageUrl: [text, ...url] });
    const tool: Forms<ImageGenToolOptions> = {
      ...drawing,
      ...{ model: plain, inputFidelity: plain, partialImages: plain, action: plain, extra: members },
      inputImageMask: [...picture, ...url, ...mask],
    };
    const toolOfAgent: Forms<ImageGenTool> = { ...tool, type: plain };
    const parts = [
      ...within<ResponseInputText>({ text: plain }),
      ...within<Omit<ResponseInputImage, "detail">>({ image: [...picture, ...url] }),
      ...within<Omit<ResponseInputFile, "detail">>({ fileId: plain }),
      { image, detail: text },
      { fileId: "a", detail: text },
      // In the form of the service.
      { type: text },
      { type: "input_text", text, [text]: text },
    ];
    const tools = [
      { type: text },
      { type: "function", name: text },
      { type: "function", name: "f", description: text, parameters: { [text]: text } },
      { type: "mcp", serverLabel: text, serverUrl: text },
      { type: "mcp", serverLabel: "a", serverUrl: "https://host", headers: { [text]: text }, authorization: text },
    ];
    const answers = [
      { functionCallOutput: { callId: text, output: text } },
      { functionCallOutput: { callId: "a", output: { [text]: text } } },
      { customToolCallOutput: { callId: "a", output: [text, { image }] } },
      { mcpApproval: { requestId: text, approve: true, reason: text } },
      { mcpApproval: { requestId: "a", approve: text } },
      { computerCallOutput: { callId: text, screenshot: image } },
      { computerCallOutput: { callId: "a", screenshot: { fileId: text } } },
      { [text]: text },
    ];
    const message: Forms<ResponseInputMessage> = { role: plain, content: [text, ...[text, ...parts].map((part) => [part])] };
    const response: Forms<ResponseRequest> = {
      model: plain,
      agent: [text, { name: text }, { name: "a", version: text }],
      input: [
        text,
        ...[text, ...parts].map((part) => [part]),
        ...within(message).map((member) => [{ role: "user", content: "a", ...member }]),
        ...answers.map((answer) => [answer]),
      ],
      instructions: plain,
      tool: [text, ...within(tool)],
      tools: [...list, ...tools.map((tool) => [tool])],
      toolChoice: [text, { type: text }, { type: "mcp", serverLabel: text }],
      parallelToolCalls: plain,
      previousResponseId: plain,
      conversation: [text, { id: text }],
      metadata: members,
      store: plain,
      imageDeployment: plain,
      extraBody: members,
    };
    const definition: Forms<AgentDefinition> = {
      ...{ model: plain, instructions: plain, description: plain, temperature: plain, topP: plain, kind: plain, metadata: members },
      tools: [...list, [{ type: "function", [text]: text }], ...within(toolOfAgent).map((member) => [{ type: "image_generation", ...member }])],
    };
    const conversation: Forms<NewConversation> = { metadata: members, items: [...list, ...members.map((item) => [item])] };
    const managed: Forms<OperationOptions> = { abortSignal: never, timeoutInMs: never, idleTimeoutInMs: never, totalTimeoutInMs: never };
    const call: Forms<CallOptions> = { ...managed, onProgress: never, onImage: never };
    const streamed: Forms<StreamOptions> = { ...managed, onProgress: never, keepPartialImages: never };
    const resumed: Forms<ResumeOptions> = { ...streamed, startingAfter: plain };
    const listed: Forms<ListOptions> = { ...managed, order: plain };
    const upload: Forms<UploadOptions> = { ...managed, onProgress: never, purpose: plain, fileName: plain, expiresAfterInSeconds: plain };
    const options: Forms<ClientOptions> = {
      ...{ deployment: plain, imageDeployment: plain, apiVersion: plain, scopes: list, model: plain, service: plain, validation: plain },
      ...{ timeoutInMs: never, idleTimeoutInMs: never, totalTimeoutInMs: never, retryOptions: never, rates: never, fetch: never },
      ...{
        maxParallelRequests: never,
        preload: never,
        dangerouslyAllowApiKeyInBrowser: never,
        maxEventBytes: never,
        maxNesting: never,
        maxImageBytes: never,
      },
      extraHeaders: [...members, [[text, "a"]], [["x-team", text]]],
      extraQuery: [...members, [[text, text]]],
      catalog: members,
    };
    const credentials = [
      text,
      { key: text },
      () => text,
      () => ({ token: text, expiresOnTimestamp: 9e12 }),
      () => ({ accessToken: text }),
      { getToken: async () => ({ token: text, expiresOnTimestamp: 9e12 }) },
    ];
    const endpoints = ["", "/", "/api/projects/", "/openai/deployments/", "/?api-version=", "/?a=", "/#", "/api/projects/mine"];

    const model = { model: "gpt-4.1" };
    const input = { input: "a" };
    const prompt = { prompt: "a" };
    /** What goes over the wire in different ways: JSON, and forms, below different paths. */
    const ways = async (client: AzureImageClient) => {
      const calls = [client.edit({ ...prompt, image }), client.responses.create({ ...model, ...input }), client.files.upload(image)];
      const reasons = (await Promise.allSettled(calls)).map((outcome) => (outcome.status === "rejected" ? outcome.reason : undefined));
      // Not each call reads each option.
      throw reasons.find((reason) => reason?.param) ?? reasons.find(Boolean);
    };
    const respond = (member: object): ResponseRequest => ({ ...("agent" in member ? {} : model), ...input, ...member });
    const id = (call: (client: AzureImageClient) => unknown): Trial[] => [["id", call]];

    const calls: Record<Call, Trial[]> = {
      getEndpoint: [],
      constructor: [
        ...endpoints.map((path): Trial => ["endpoint", () => ways(make({ endpoint: path + text }))]),
        ...credentials.map((credential): Trial => ["credential", () => ways(make({ credential }))]),
        ...each(options, (_, member: object) => ways(make({ options: member }))),
        ["deployment", () => ways(make({ options: { apiVersion: "2025-04-01-preview", deployment: text } }))],
      ],
      generate: [
        ...each(generation, (client, member: object) => client.generate({ ...prompt, ...member })),
        ...each(call, (client, given: CallOptions) => client.generate(prompt, given)),
        ["deployment", () => make({ options: { apiVersion: "2025-04-01-preview" } }).generate({ ...prompt, deployment: text })],
      ],
      generateStream: [
        ...each(partialImages, (client, member: object) => client.generateStream({ ...prompt, ...member }).result()),
        ...each(streamed, (client, given: StreamOptions) => client.generateStream(prompt, given).result()),
      ],
      edit: each(edit, (client, member: object) => client.edit({ ...prompt, image, ...member })),
      editStream: each(partialImages, (client, member: object) => client.editStream({ ...prompt, image, ...member }).result()),
      probe: each(managed, (client, given: OperationOptions) => client.probe(given)),
      // What is checked is not sent.
      validate: [],
      estimate: [],
      "responses.create": each(response, (client, member) => client.responses.create(respond(member))),
      "responses.stream": each(streamed, (client, given: StreamOptions) => client.responses.stream({ ...model, ...input }, given).result()),
      "responses.start": each(streamed, (client, given: StreamOptions) => client.responses.start({ ...model, ...input }, given)),
      "responses.runTools": [
        ...each(response, (client, member) => client.responses.runTools(respond(member), {}).result()),
        ...each<RunToolsOptions>({ ...streamed, maxRounds: plain }, (client, given: RunToolsOptions) =>
          client.responses.runTools({ ...model, ...input }, {}, given).result(),
        ),
        ["handlers", (client) => client.responses.runTools({ ...model, ...input, tools: [] }, { [text]: () => text }).result()],
      ],
      "responses.resume": [
        ...id((client) => client.responses.resume(text).result()),
        ...each(resumed, (client, given: ResumeOptions) => client.responses.resume("resp_1", given).result()),
      ],
      "responses.get": id((client) => client.responses.get(text)),
      "responses.cancel": id((client) => client.responses.cancel(text)),
      "responses.delete": id((client) => client.responses.delete(text)),
      "agents.createVersion": [
        ...id((client) => client.agents.createVersion(text, model)),
        ...each(definition, (client, member: object) => client.agents.createVersion("painter", { ...model, ...member })),
        ["other", (client) => client.agents.createVersion("painter", { ...model, [text]: text })],
      ],
      "agents.get": id((client) => client.agents.get(text)),
      "agents.list": each<AgentListOptions>({ ...listed, kind: plain }, (client, given: AgentListOptions) => first(client.agents.list(given))),
      "agents.delete": id((client) => client.agents.delete(text)),
      "agents.getVersion": [
        ...id((client) => client.agents.getVersion(text, "1")),
        ["version", (client) => client.agents.getVersion("painter", text)],
      ],
      "agents.listVersions": [
        ...id((client) => first(client.agents.listVersions(text))),
        ...each(listed, (client, given: ListOptions) => first(client.agents.listVersions("painter", given))),
      ],
      "agents.deleteVersion": [
        ...id((client) => client.agents.deleteVersion(text, "1")),
        ["version", (client) => client.agents.deleteVersion("painter", text)],
      ],
      "conversations.create": [
        ...each(conversation, (client, member: NewConversation) => client.conversations.create(member)),
        ["other", (client) => client.conversations.create({ [text]: text })],
      ],
      "conversations.get": id((client) => client.conversations.get(text)),
      "conversations.delete": id((client) => client.conversations.delete(text)),
      "files.upload": [
        ...picture.map((file): Trial => ["file", (client) => client.files.upload(file as Blob)]),
        ...each(upload, (client, given: UploadOptions) => client.files.upload(image, given)),
      ],
      "files.get": id((client) => client.files.get(text)),
      "files.content": [
        ...id((client) => client.files.content(text)),
        ["fileId", (client) => client.files.content({ fileId: text })],
        ...each<FileContentOptions>({ ...managed, containerId: plain }, (client, given: FileContentOptions) => client.files.content("file-1", given)),
      ],
      "files.list": each<FileListOptions>({ ...listed, purpose: plain }, (client, given: FileListOptions) => first(client.files.list(given))),
      "files.delete": id((client) => client.files.delete(text)),
    };
    return Object.entries(calls).flatMap(([name, trials]) => trials.map(([option, call]): Trial => [`${name} ${option}`, call]));
  };
}
