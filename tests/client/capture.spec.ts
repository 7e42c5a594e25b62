import type { AzureImageClient, ResponseInputItem } from "../../js/index.js";
import { expect, test } from "./fixtures.js";

/** Makes each call twice, and changes the arguments of the second one right after it. Returns the requests of both. Runs in the page. */
async function sendTwice() {
  const letters = atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=");
  const png = () => Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  // Each has arguments, a call, and a change of everything in the arguments that can change.
  type Row<Given> = [
    given: () => Given | Promise<Given>,
    call: (client: AzureImageClient, given: Given) => unknown,
    change: (given: Given) => unknown,
  ];
  const row = <Given>(...parts: Row<Given>): Row<never> => parts as unknown as Row<never>;
  const edit = (client: AzureImageClient, image: unknown) => client.edit({ prompt: "a boat", image: image as Blob });
  const first = (list: AsyncIterable<unknown>) => list[Symbol.asyncIterator]().next();
  const weather = () => ({ type: "function", name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } });
  const response = () => ({
    model: "gpt-4.1",
    input: ["draw", { image: png() }, { role: "user", content: [{ text: "more" }, { image: png().buffer }] }] as ResponseInputItem[],
    tool: { size: "1024x1024", inputImageMask: png(), extra: { a: [1] } },
    tools: [weather()],
    toolChoice: { type: "function", name: "weather" },
    metadata: { topic: "boats" },
    extraBody: { user: { name: "me" } },
  });
  const changeResponse = (given: ReturnType<typeof response>) => {
    const [, image, message] = given.input as unknown as [unknown, { image: Uint8Array }, { content: [{ text: string }] }];
    image.image.fill(0);
    message.content[0].text = "less";
    message.content.length = 1;
    given.input.length = 1;
    given.tool.inputImageMask.fill(0);
    given.tool.extra.a.push(2);
    given.tools[0]!.parameters.properties.city.type = "number";
    given.toolChoice.name = "other";
    given.metadata.topic = "trains";
    given.extraBody.user.name = "you";
  };
  const rows: Record<string, Row<never>> = {
    "edit, bytes": row(png, edit, (bytes) => bytes.fill(0)),
    "edit, a list": row(
      () => [png(), png()],
      edit,
      (list) => {
        list[0]!.fill(0);
        list.pop();
      },
    ),
    "edit, a request": row(
      () => ({ prompt: "a boat", image: png(), mask: png(), extraBody: { user: { name: "me" } } }),
      (client, request) => client.edit(request),
      (request) => {
        request.mask.fill(0);
        request.extraBody.user.name = "you";
        Object.assign(request, { prompt: "a train", image: undefined, mask: undefined });
      },
    ),
    editStream: row(
      png,
      (client, image) => client.editStream({ prompt: "a boat", image }).result(),
      (bytes) => bytes.fill(0),
    ),
    "responses.create": row(response, (client, request) => client.responses.create(request), changeResponse),
    "responses.stream": row(response, (client, request) => client.responses.stream(request).result(), changeResponse),
    "responses.start": row(response, (client, request) => client.responses.start(request), changeResponse),
    "responses.runTools": row(
      () => ({ request: response(), handlers: { weather: () => "snow" } }),
      (client, { request, handlers }) => client.responses.runTools(request, handlers).result(),
      ({ request, handlers }) => {
        changeResponse(request);
        Object.assign(handlers, { weather: "gone", another: () => {} });
      },
    ),
    "responses.resume": row(
      () => ({ startingAfter: 5 }),
      (client, options) => client.responses.resume("resp_1", options).result(),
      (options) => (options.startingAfter = 7),
    ),
    "agents.createVersion": row(
      () => ({ model: "gpt-4.1", tools: [weather()], metadata: { a: "b" } }),
      (client, definition) => client.agents.createVersion("painter", definition),
      (definition) => {
        definition.tools[0]!.name = "other";
        definition.metadata.a = "c";
      },
    ),
    "agents.list": row(
      () => ({ kind: "prompt", order: "asc" }),
      (client, options) => first(client.agents.list(options)),
      (options) => Object.assign(options, { kind: "hosted", order: "desc" }),
    ),
    "conversations.create": row(
      () => ({ items: [{ type: "message", role: "user", content: "Draw" }], metadata: { topic: "boats" } }),
      (client, conversation) => client.conversations.create(conversation),
      (conversation) => {
        conversation.items[0]!.content = "Write";
        conversation.metadata.topic = "trains";
      },
    ),
    "files.upload": row(
      () => ({ bytes: png(), options: { purpose: "evals", fileName: "a.png" } }),
      (client, { bytes, options }) => client.files.upload(bytes, options),
      ({ bytes, options }) => {
        bytes.fill(0);
        Object.assign(options, { purpose: "batch", fileName: "b.png" });
      },
    ),
    "files.content": row(
      () => ({ fileId: "cfile_1", containerId: "cntr_1" }),
      (client, file) => client.files.content(file),
      (file) => Object.assign(file, { fileId: "cfile_2", containerId: "cntr_2" }),
    ),
    byPage: row(
      () => ({ maxPageSize: 5 }),
      (client, settings) => first(client.files.list().byPage(settings)),
      (settings) => (settings.maxPageSize = 7),
    ),
  };
  if (typeof document !== "undefined") {
    const blob = () => new Blob([png()], { type: "image/png" });
    const canvas = () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 4, height: 4 });
      canvas.getContext("2d")!.fillRect(0, 0, 2, 4);
      return canvas;
    };
    const clear = (canvas: HTMLCanvasElement) => canvas.getContext("2d")!.clearRect(0, 0, 4, 4);
    const image = async () => {
      const image = new Image();
      image.src = `data:image/png;base64,${btoa(letters)}`;
      await image.decode();
      return image;
    };
    Object.assign(rows, {
      canvas: row(canvas, edit, clear),
      ImageData: row(
        () => new ImageData(4, 4),
        edit,
        (pixels) => pixels.data.fill(90),
      ),
      ImageBitmap: row(
        () => createImageBitmap(canvas()),
        edit,
        (bitmap) => bitmap.close(),
      ),
      "<img>": row(image, edit, (image) => (image.src = "data:,")),
      "an object URL": row(() => URL.createObjectURL(blob()), edit, URL.revokeObjectURL),
      "an object URL as a URL": row(
        () => new URL(URL.createObjectURL(blob())),
        edit,
        (url) => {
          URL.revokeObjectURL(url.href);
          url.href = "https://example.com/";
        },
      ),
      Response: row(
        () => new Response(blob()),
        edit,
        (response) => response.text().catch(() => {}),
      ),
      "responses.create, pixels and an object URL": row(
        () => ({ url: URL.createObjectURL(blob()), canvas: canvas() }),
        (client, { url, canvas }) => client.responses.create({ model: "gpt-4.1", input: ["draw", { image: url }, { image: canvas }] }),
        ({ url, canvas }) => {
          URL.revokeObjectURL(url);
          clear(canvas);
        },
      ),
    });
  }
  const sent: Record<string, string[]> = {};
  for (const [name, [make, call, change]] of Object.entries(rows)) {
    const requests: string[] = [];
    const client = new azure.AzureImageClient("https://my-resource.services.ai.azure.com/api/projects/mine", () => "token", {
      deployment: "gpt-image-1",
      imageDeployment: "gpt-image-1",
      validation: "off",
      fetch: async (request) => {
        const body = new TextDecoder("latin1").decode(await request.clone().arrayBuffer());
        requests.push(`${request.method} ${request.url} ${body.replace(/----\S+|formdata-\S+/g, "")}`);
        return new Response("{}", { status: 400, headers: { "content-type": "application/json" } });
      },
    });
    for (const isChanged of [false, true]) {
      const given = await make();
      const outcome = helpers.settled(() => call(client, given));
      if (isChanged) change(given);
      await outcome;
    }
    sent[name] = requests;
  }
  return sent;
}

test("a call has the arguments that it was given, whatever the page does to them right after it", { tag: "@browser" }, async ({ page, engine }) => {
  test.skip(engine === "webkit", "WebKitGTK cannot read the form of a request.");
  const sent = await page.evaluate(sendTwice);
  expect(Object.keys(sent).length).toBeGreaterThan(14);
  for (const [name, requests] of Object.entries(sent)) {
    const half = requests.length / 2;
    expect.soft(half, name).toBeGreaterThan(0);
    expect.soft(requests.slice(half), name).toEqual(requests.slice(0, half));
  }
});

test("the arguments are read once, and a class keeps its private members to itself", async ({ page }) => {
  const { reads, bodies, urls } = await page.evaluate(async () => {
    let reads = 0;
    const bodies: string[] = [];
    const urls: string[] = [];
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", {
      fetch: async (request) => {
        urls.push(request.url);
        bodies.push(await request.clone().text());
        return new Response("{}", { status: 400, headers: { "content-type": "application/json" } });
      },
    });
    class Money {
      #amount = 5;
      toJSON() {
        return `${this.#amount} EUR`;
      }
    }
    class Options {
      #after = 7;
      get startingAfter() {
        return this.#after;
      }
    }
    const part = {
      get text() {
        reads += 1;
        return "draw";
      },
    };
    const output = { price: new Money(), at: new Date(0), list: [1, undefined, 2] };
    const input = [part, { functionCallOutput: { callId: "call_1", output } }];
    await client.responses.create({ model: "gpt-4.1", input, tool: false }).catch(() => {});
    await client.responses
      .resume("resp_1", new Options())
      .result()
      .catch(() => {});
    return { reads, bodies, urls };
  });
  expect(reads).toBe(1);
  const { input } = JSON.parse(bodies[0] ?? "") as { input: { output?: string }[] };
  expect(input[1]?.output).toBe('{"price":"5 EUR","at":"1970-01-01T00:00:00.000Z","list":[1,null,2]}');
  expect(urls[1]).toContain("starting_after=7");
});
