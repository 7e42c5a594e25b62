import { createServer } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { expect, test as base } from "./fixtures.js";
import { PICTURES, sample } from "./samples.js";
import { listen } from "../ports.js";
import type { ImageStreamEvent } from "../../js/index.js";

const PICTURE = JSON.parse(PICTURES).data[0].b64_json as string;
const ITEM = { type: "image_generation_call", id: "ig_1", status: "completed", result: PICTURE };
const RESPONSE = { id: "resp_1", object: "response", status: "completed", output: [ITEM] };
const CALL = { item_id: ITEM.id, output_index: 0 };
const CREATED = { type: "response.created", response: { ...RESPONSE, status: "in_progress", output: [] } };

const sse = (...events: object[]) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");

/** A preview and a picture; what else such events have is cut within the page. */
const streamOf = (operation: string) => sse(...["partial_image", "completed"].map((event) => ({ type: `${operation}.${event}`, b64_json: PICTURE })));

/** What is cut over a real connection: an answer of each kind, and by which the page asks for it. */
const ANSWERS = {
  "a stream of pictures": { text: streamOf("image_generation"), way: "generateStream" },
  "pictures at once": { text: PICTURES, way: "generate" },
  "a stream of an edit": { text: streamOf("image_edit"), way: "editStream" },
  "a stream of a response": { text: sse(CREATED, { type: "response.completed", response: RESPONSE }), way: "stream" },
  "a stream of a response with a preview and a picture of its own": {
    text: sse(
      { type: "response.image_generation_call.partial_image", ...CALL, partial_image_index: 0, partial_image_b64: PICTURE },
      { type: "response.output_item.done", output_index: 0, item: ITEM },
      { type: "response.completed", response: { ...RESPONSE, output: [] } },
    ),
    way: "stream",
  },
  "a conversation": { text: JSON.stringify({ id: "conv_1", object: "conversation", created_at: 1, metadata: {} }), way: "conversation" },
  "a response at once": { text: JSON.stringify(RESPONSE), way: "create" },
  "a refusal": { text: await sample("errors/429-rate-limit-classic.json"), way: "generate" },
} as const;

type AnswerName = keyof typeof ANSWERS;

/** A server that cuts its answers: `POST /stream/breaks/…`, with the place of the cut in its text. */
const test = base.extend<object, { cutter: string }>({
  cutter: [
    async ({}, use) => {
      const server = createServer(async (request, response) => {
        const headers = {
          "access-control-allow-origin": "*",
          "access-control-allow-headers": "api-key, content-type, x-ms-oai-image-generation-deployment",
          "access-control-max-age": "7200",
        };
        if (request.method !== "POST") return void response.writeHead(204, headers).end();
        const [, name = "", how] = decodeURIComponent(request.url ?? "").split("/");
        const place = Number(/cut at (\d+)/.exec(await textOf(request))?.[1]);
        const answer = ANSWERS[name as AnswerName].text;
        // Over a connection that has served before a browser may repeat a POST.
        const type = { "content-type": /^(data|event):/.test(answer) ? "text/event-stream" : "application/json", connection: "close" };
        response.writeHead(name === "a refusal" ? 429 : 200, { ...headers, ...type }).flushHeaders();
        const finish = () => void (how === "ends" ? response.end() : response.destroy());
        if (place === 0) finish();
        else response.write(answer.slice(0, place), finish);
      });
      await use(`http://127.0.0.1:${await listen(server)}`);
      server.closeAllConnections();
      server.close();
    },
    { scope: "worker" },
  ],
});

interface Cut {
  text: string;
  /** Whether the body ends as if it were complete, or breaks. */
  how: "ends" | "breaks";
}

/** Streams an answer once for each of its bytes, cut there, and tells where each kind of outcome begins. */
async function cutEverywhere({ text, how }: Cut) {
  const bytes = new TextEncoder().encode(text);
  const outcomes: { from: number; outcome: string }[] = [];
  let closed = 0;
  for (let length = 0; length <= bytes.length; length += 1) {
    const fetch = async () =>
      new Response(
        new ReadableStream(
          {
            pull(controller) {
              if (controller.desiredSize === null) return;
              if (length > 0 && !this.sent) controller.enqueue(bytes.slice(0, length));
              else if (how === "ends") controller.close();
              else controller.error(new TypeError("network error"));
              this.sent = true;
            },
            sent: false,
          } as UnderlyingDefaultSource & { sent: boolean },
          { highWaterMark: 0 },
        ),
      );
    const client = new azure.AzureImageClient("/api", null, { deployment: "x", fetch });
    const stream = client.generateStream({ prompt: "a", partialImages: 3 });
    const events: ImageStreamEvent[] = [];
    let thrown: unknown;
    try {
      for await (const event of stream) events.push(event);
    } catch (error) {
      thrown = error;
    }
    const { ok, error } = await helpers.outcome(stream.result());
    const completed = events.filter(({ type }) => type === "image").length;
    const partialImages = events.filter(({ type }) => type === "partialImage").length;
    const last = events.at(-1)?.image;
    const keptLast =
      partialImages === 0 ? error?.lastPartialImage === undefined : error?.lastPartialImage?.sha256 === (last && (await helpers.sha256(last.blob)));
    const outcome = ok
      ? `success with ${ok.images.length} of ${completed}`
      : `${error?.code}, ${partialImages} previews, ${keptLast ? "the last kept" : "the last lost"}, ${completed} completed, ${thrown ? "thrown" : "silent"}`;
    if (outcomes.at(-1)?.outcome !== outcome) outcomes.push({ from: length, outcome });
    stream.dispose();
    closed += 1;
  }
  return { outcomes, closed };
}

for (const name of ["generations.stream.sse", "generations.stream.data-only.sse", "generations.stream.crlf-comments.sse", "edits.stream.sse"]) {
  for (const how of ["ends", "breaks"] as const) {
    test(`${name}, which ${how} at each of its bytes, is a success only with the whole of its completed event`, { tag: "@nightly" }, async ({
      page,
    }) => {
      const text = await sample(`images/${name}`);
      const { outcomes, closed } = await page.evaluate(cutEverywhere, { text, how });
      expect(closed).toBe(new TextEncoder().encode(text).length + 1);
      const code = how === "ends" ? "stream_truncated" : "connection";
      const successes = outcomes.filter(({ outcome }) => outcome.startsWith("success"));
      // From the completed event on, and never before.
      expect(successes).toEqual([{ from: successes[0]?.from, outcome: "success with 1 of 1" }]);
      expect(outcomes.at(-1)).toEqual(successes[0]);
      const start = text.indexOf("completed");
      const dataEnd = text.lastIndexOf("}");
      expect(start).toBeGreaterThan(0);
      expect(successes[0]?.from).toBeGreaterThan(dataEnd);
      for (const [partialImages, { outcome }] of outcomes.slice(0, -1).entries()) {
        expect(outcome).toBe(`${code}, ${partialImages} previews, the last kept, 0 completed, thrown`);
      }
    });
  }
}

interface Asking {
  origin: string;
  name: string;
  how: string;
  way: string;
  length: number;
  /** To be edited. */
  picture: string;
}

/** Asks once for each byte of an answer, some at the same time, and tells how each ended. */
async function askForEach({ origin, name, how, way, length, picture }: Asking) {
  const client = new azure.AzureImageClient(
    // Conversations belong to a project.
    `${origin}/${encodeURIComponent(name)}/${how}${way === "conversation" ? "/api/projects/mine" : ""}`,
    { key: "a-key" },
    { deployment: "x", retryOptions: { maxRetries: 0 } },
  );
  const image = new Blob([Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0))], { type: "image/png" });
  const outcomes: string[] = [];
  const places = Array.from({ length: length + 1 }, (_, place) => place).values();
  const ask = async () => {
    for (const place of places) {
      const said = `cut at ${place}`;
      const response = { model: "m", input: said };
      const result = await {
        generate: () => helpers.outcome(client.generate({ prompt: said })),
        editStream: () => helpers.outcome(client.editStream({ prompt: said, image }).result()),
        conversation: () => helpers.settled(() => client.conversations.create({ metadata: { said } })),
        generateStream: () => helpers.outcome(client.generateStream({ prompt: said }).result()),
        create: () => helpers.responseOutcome(client.responses.create(response)),
        stream: () => helpers.responseOutcome(client.responses.stream(response).result()),
      }[way]!();
      const { ok, error } = result;
      outcomes[place] = ok ? (Array.isArray(ok.images) ? `${ok.images.length} picture` : "made") : `${error?.code}, ${error?.billed}`;
    }
  };
  await Promise.all(Array.from({ length: 6 }, ask));
  return outcomes;
}

/** The end of the first final image, in bytes. */
function endOfPicture(text: string): number {
  const preview = text.lastIndexOf("partial_image");
  const start = text.indexOf(PICTURE, preview < 0 ? 0 : text.indexOf("\n\n", preview));
  return start + PICTURE.length + 1;
}

for (const [name, { text, way }] of Object.entries(ANSWERS)) {
  for (const how of ["ends", "breaks"] as const) {
    test(`${name} over a real connection, which ${how} at each byte, never makes a success of a part`, { tag: "@nightly" }, async ({
      page,
      cutter,
      engine,
    }) => {
      const outcomes = await page.evaluate(askForEach, { origin: cutter, name, how, way, length: text.length, picture: PICTURE });
      expect(outcomes).toHaveLength(text.length + 1);
      if (name === "a refusal") {
        // The status says what happened, whatever came of the text.
        expect([...new Set(outcomes)]).toEqual(["rate_limit, no"]);
        return;
      }
      const isManaged = way === "conversation";
      // WebKitGTK tells a connection that broke as one that ended.
      const isTold = how === "breaks" && engine !== "webkit";
      const code = isTold ? "connection" : isManaged ? "stream_malformed" : "stream_truncated";
      const success = isManaged ? "made" : "1 picture";
      const end = text.lastIndexOf("}");
      // An image whose data is complete is billed.
      const complete = isManaged ? text.length : endOfPicture(text);
      for (const [place, outcome] of outcomes.entries()) {
        const isEnd = place >= end;
        const broken = `${code}, ${isManaged ? "no" : place < complete ? "unknown" : "yes"}`;
        // A browser may drop the last data before the break.
        const allowed = [broken, ...(isEnd ? [success] : []), ...(how === "breaks" && !isManaged ? [`${code}, unknown`] : [])];
        expect(allowed, `cut at ${place}`).toContain(outcome);
      }
      if (how === "ends") expect(outcomes.at(-1)).toBe(success);
    });
  }
}

test("a cut over a real connection closes it, at every tenth of the answer", { tag: "@nightly" }, async ({ page, simulator }) => {
  for (const how of ["truncate", "reset"]) {
    for (let percent = 0; percent < 100; percent += 10) {
      simulator.reset();
      const { ok, error } = await page.evaluate(
        ([endpoint, words]) => {
          const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
          return helpers.outcome(client.generateStream({ prompt: `a lake [${words}]`, partialImages: 2 }).result());
        },
        [simulator.url, `${how}=${percent}%`] as const,
      );
      expect(ok, `${how}=${percent}%`).toBeUndefined();
      expect(error, `${how}=${percent}%`).toMatchObject({ code: how === "reset" ? "connection" : "stream_truncated", billed: "unknown" });
      expect(simulator.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
      await expect.poll(() => simulator.activeRequests).toBe(0);
      await expect.poll(() => simulator.openConnections()).toBe(0);
    }
  }
});
