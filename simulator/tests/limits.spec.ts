/** Large bodies, many small parts, deep nesting. */

import { request as httpRequest } from "node:http";
import { once } from "node:events";
import { connect } from "node:net";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { expect, post, request, test, V1, V1_EDITS } from "./fixtures.js";

const FORM = { "api-key": "simulator-key", "content-type": "multipart/form-data; boundary=x" };
const JSON_BODY = { "api-key": "simulator-key", "content-type": "application/json" };

const send = (simulator: Simulator, body: string, headers: Record<string, string> = FORM, path = V1_EDITS): Promise<Response> =>
  fetch(simulator.url + path, { method: "POST", headers, body });

const part = (headers: string, content = "1"): string => `--x\r\n${headers}\r\n\r\n${content}\r\n`;
const field = (name: string, content = "1"): string => part(`Content-Disposition: form-data; name="${name}"`, content);
const form = (...parts: readonly string[]): string => `${parts.join("")}--x--\r\n`;

/** Sixteen times the input may take this many times as long: linear work takes 16 times as long, quadratic work 256 times. */
const GROWTH = 16;
const MOST_GROWTH = 64;
/** Below this, other work of the machine decides how long something takes. */
const SHORTEST_IN_MS = 20;

async function expectLinear(work: (times: number) => Promise<unknown>, times: number): Promise<void> {
  const measure = async (count: number) => {
    const startedAt = performance.now();
    await work(count);
    return performance.now() - startedAt;
  };
  await measure(times / GROWTH);
  const short = Math.max(SHORTEST_IN_MS, await measure(times / GROWTH));
  const long = await measure(times);
  expect(long / short, `${long} ms and ${short} ms`).toBeLessThan(MOST_GROWTH);
}

test.describe("takes time in proportion to a form with", () => {
  const forms: readonly [what: string, times: number, body: (times: number) => string][] = [
    ["a repeated field", 64_000, (times) => form(field("a").repeat(times))],
    ["a repeated field of a list", 64_000, (times) => form(field("tag[]").repeat(times))],
    ["many fields", 64_000, (times) => form(...Array.from({ length: times }, (_, index) => field(`a[${index}][b]`)))],
    ["many files", 32_000, (times) => form(part('Content-Disposition: form-data; name="image[]"; filename="a"').repeat(times))],
    ["many headers", 200_000, (times) => form(part(`${"X-A: b\r\n".repeat(times)}Content-Disposition: form-data; name="a"`))],
    ["a long header", 2_000_000, (times) => form(part(`Content-Disposition: form-data; name="${'\\"'.repeat(times)}"`))],
    ["a header of open quotation marks", 400_000, (times) => form(part(`Content-Disposition: form-data${';name="\\'.repeat(times)}`))],
    ["a header of spaces", 2_000_000, (times) => form(part(`Content-Disposition: form-data;${" ".repeat(times)}name="a"`))],
    ["a header of semicolons", 2_000_000, (times) => form(part(`Content-Disposition: form-data${"; ".repeat(times)}name="a"`))],
    ["almost delimiters", 1_000_000, (times) => form(field("prompt", "\r\n--xy".repeat(times)))],
    ["delimiters followed by spaces", 100_000, (times) => form(field("prompt", `\r\n--x${" ".repeat(70)}y`.repeat(times)))],
    ["line ends", 4_000_000, (times) => form(field("prompt", "\r\n".repeat(times)))],
    ["no end", 64_000, (times) => field("a").repeat(times)],
    ["a preamble", 4_000_000, (times) => `${"--".repeat(times)}\r\n${form(field("a"))}`],
  ];
  for (const [what, times, body] of forms) {
    test(what, async ({ simulator }) => {
      await expectLinear(async (count) => {
        const text = body(count);
        expect((await send(simulator, text)).status).toBe(400);
      }, times);
    });
  }

  test("a boundary as long as it may be, of one letter", async ({ simulator }) => {
    const boundary = "x".repeat(70);
    const headers = { ...FORM, "content-type": `multipart/form-data; boundary=${boundary}` };
    await expectLinear(async (count) => {
      const content = `\r\n--${"x".repeat(69)}y`.repeat(count);
      const body = `--${boundary}\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n${content}\r\n--${boundary}--\r\n`;
      const response = await send(simulator, body, headers);
      expect((await response.json()).error.message).toBe("Missing required parameter: 'model'.");
    }, 64_000);
    const longer = await send(simulator, form(field("a")), { ...FORM, "content-type": `multipart/form-data; boundary=${boundary}x` });
    expect(longer.status).toBe(400);
  });
});

test.describe("takes time in proportion to a text of", () => {
  for (const text of ["[", "[a", "[a=", "[[a]", " ", "\n", "]", "[abcde] ", "a-", "=", "[status-", "[stall=", "\u3000"]) {
    test(JSON.stringify(text), async ({ simulator }) => {
      await expectLinear(async (count) => {
        const prompt = text.repeat(count / text.length);
        const long = await post(simulator, request(prompt));
        expect(long.status).toBe(400);
        await long.text();
      }, 1_600_000);
    });
  }

  for (const [what, body] of [
    ["a deployment with hyphens", (text: string) => request("a lake", { model: `gpt-image-1--${text}` })],
    ["a deployment with scenarios", (text: string) => request("a lake", { model: `gpt-image-1${text.replaceAll("a-a-", "--cr")}` })],
  ] as const) {
    test(what, async ({ simulator }) => {
      await expectLinear(async (count) => await (await post(simulator, body("a-".repeat(count)))).text(), 800_000);
    });
  }

  test("base64 that is padding", async ({ simulator }) => {
    await expectLinear(async (count) => {
      const content = [{ type: "input_image", image_url: `data:image/png;base64,${"=".repeat(count)}x` }];
      const body = { model: "gpt-4.1", input: [{ role: "user", content }] };
      expect((await post(simulator, body, { path: "/openai/v1/responses" })).status).toBe(400);
    }, 1_600_000);
  });
});

test.describe("JSON", () => {
  const bodies: readonly [what: string, body: string][] = [
    ["nested arrays", `{"model":"gpt-4.1","input":"a","text":{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`],
    ["nested objects", `{"model":"gpt-4.1","input":"a","text":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`],
    ["open arrays", "[".repeat(5_000_000)],
    ["129 levels", `{"model":"gpt-4.1","input":"a","text":{"a":${"[".repeat(127)}${"]".repeat(127)}}}`],
    ["millions of values", `{"model":"gpt-4.1","input":[${"0,".repeat(5_000_000)}0]}`],
  ];
  for (const [what, body] of bodies) {
    test(`is refused with ${what}`, async ({ simulator }) => {
      const response = await send(simulator, body, JSON_BODY, "/openai/v1/responses");
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: "invalid_json" } });
    });
  }

  test("is read to 128 levels, whatever its strings hold", async ({ simulator }) => {
    const text = `{"a":${"[".repeat(126)}${"]".repeat(126)},"b":"${'[{\\"'.repeat(1000)}\\\\"}`;
    const response = await send(simulator, `{"model":"gpt-4.1","input":"a","text":${text}}`, JSON_BODY, "/openai/v1/responses");
    expect(response.status).toBe(200);
    expect((await response.json()).text).toEqual(JSON.parse(text));
  });

  test("of 100,000 items is read", async ({ simulator }) => {
    const input = Array.from({ length: 100_000 }, () => ({ role: "user", content: "a" }));
    expect((await post(simulator, { model: "gpt-4.1", input }, { path: "/openai/v1/responses" })).status).toBe(200);
  });
});

test("a query as long as HTTP allows is read, and a longer one refused", async ({ simulator }) => {
  const url = `${simulator.url}/openai/v1/models?api-version=v1`;
  const headers = { "api-key": "simulator-key" };
  expect((await fetch(`${url}&${"a&".repeat(7000)}`, { headers })).status).toBe(200);
  expect((await fetch(`${url}&${"a&".repeat(9000)}`, { headers })).status).toBe(431);
});

test.describe("a body beyond the limit", () => {
  const LIMIT = 100_000;
  const refused = { error: { code: "413", message: "Request body too large. The limit is 100000 bytes." } };
  const limited = test.extend<{ simulator: Simulator }>({
    simulator: async ({}, use) => {
      const simulator = await startSimulator({ bodyLimitInBytes: LIMIT });
      await use(simulator);
      await expect.poll(() => simulator.activeRequests).toBe(0);
      await simulator.close();
    },
  });

  limited("gets 413, and one at the limit does not", async ({ simulator }) => {
    const body = JSON.stringify(request("a lake"));
    const within = await send(simulator, body.padEnd(LIMIT), JSON_BODY, V1);
    expect(within.status).toBe(200);
    const beyond = await send(simulator, body.padEnd(LIMIT + 1), JSON_BODY, V1);
    expect(beyond.status).toBe(413);
    expect(beyond.headers.get("access-control-allow-origin")).toBe("*");
    expect(await beyond.json()).toEqual(refused);
    expect(simulator.requests.at(-1)).toMatchObject({ status: 413, body: undefined, rawBody: undefined, aborted: false });
  });

  limited("gets 413 before the credential is looked at, on every route", async ({ simulator }) => {
    for (const path of [V1, V1_EDITS, "/openai/v1/files", "/mai/v1/images/generations", "/nowhere"]) {
      for (const type of ["application/json", FORM["content-type"]]) {
        const response = await send(simulator, " ".repeat(LIMIT + 1), { "content-type": type }, path);
        expect(response.status, path).toBe(413);
        await response.text();
      }
    }
  });

  limited("gets 413 as soon as its length is known", async ({ simulator }) => {
    const socket = connect(simulator.port, "127.0.0.1");
    socket.write(`POST ${V1} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${2 ** 40}\r\n\r\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  limited("gets 413 as soon as it passes the limit in chunks, although it goes on", async ({ simulator }) => {
    const { hostname, port } = new URL(simulator.url);
    const sending = httpRequest({ hostname, port, path: V1, method: "POST", headers: JSON_BODY }).on("error", () => {});
    const answered = once(sending, "response");
    const writing = setInterval(() => sending.write(" ".repeat(10_000)), 1);
    const [response] = (await answered) as [import("node:http").IncomingMessage];
    expect(response.statusCode).toBe(413);
    clearInterval(writing);
    sending.end();
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text += chunk;
    expect(JSON.parse(text)).toEqual(refused);
  });

  limited("gets its answer also when all of it is sent first", async ({ simulator }) => {
    const response = await send(simulator, " ".repeat(200 * LIMIT), JSON_BODY, V1);
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual(refused);
  });

  test("is one beyond 900 MiB by default", async ({ simulator }) => {
    for (const [length, status] of [
      [943_718_401, "413"],
      [943_718_400, undefined],
    ] as const) {
      const socket = connect(simulator.port, "127.0.0.1");
      socket.write(`POST ${V1} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`);
      if (status === undefined) await expect.poll(() => simulator.activeRequests).toBe(1);
      else expect(String(await once(socket, "data"))).toContain(` ${status} `);
      socket.destroy();
      await expect.poll(() => simulator.activeRequests).toBe(0);
    }
  });
});
