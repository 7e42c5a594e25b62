/** The server: routes, authentication, CORS, the log, and what happens when a client goes away. */

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { scenarioWords, startSimulator, type Simulator, type SimulatorOptions } from "azure-image-simulator";
import sharp from "sharp";
import { classic, expect, post, readEvents, request, sha256, streamed, test, V1 } from "./fixtures.js";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

test.describe("routes", () => {
  const answers: readonly [what: string, path: string, model: string | undefined, status: number, code: string | undefined][] = [
    ["v1 with preview", V1, "gpt-image-1", 200, undefined],
    ["v1 with v1", "/openai/v1/images/generations?api-version=v1", "gpt-image-1", 200, undefined],
    ["v1 without a version", "/openai/v1/images/generations", "gpt-image-1", 200, undefined],
    ["v1 with a dated version", "/openai/v1/images/generations?api-version=2025-04-01-preview", "gpt-image-1", 400, "BadRequest"],
    ["v1 without a model", V1, undefined, 400, "missing_required_parameter"],
    ["v1 with an unknown deployment", V1, "nowhere", 404, "DeploymentNotFound"],
    ["v1 with a named deployment", V1, "my-pictures", 200, undefined],
    ["classic", classic("gpt-image-1"), undefined, 200, undefined],
    ["classic with the base model in the body", classic("my-pictures"), "gpt-image-1", 200, undefined],
    ["classic with the deployment in the body", classic("my-pictures"), "my-pictures", 400, "invalid_value"],
    ["classic with an unknown deployment", classic("nowhere"), undefined, 404, "DeploymentNotFound"],
    ["classic without a version", "/openai/deployments/gpt-image-1/images/generations", undefined, 404, "404"],
    ["classic with an unknown version", classic("gpt-image-1", "2023-01-01"), undefined, 400, "BadRequest"],
    ["classic with a version older than the model", classic("gpt-image-1", "2024-02-01"), undefined, 400, "BadRequest"],
    ["another path", "/openai/v1/images/pictures", "gpt-image-1", 404, "404"],
    ["a path outside the service", "/images/generations", "gpt-image-1", 404, "404"],
    ["a path that is no URL", "//", "gpt-image-1", 404, "404"],
  ];
  for (const [what, path, model, status, code] of answers) {
    test(what, async ({ simulator }) => {
      const response = await post(simulator, { model, prompt: "a lake" }, { path });
      expect(response.status).toBe(status);
      const body = (await response.json()) as { error?: { code: string } };
      expect(body.error?.code).toBe(code);
    });
  }

  test("GET / tells a person what this is", async ({ simulator }) => {
    expect(await (await fetch(simulator.url)).text()).toContain("azure-image-simulator");
  });

  const models: readonly [what: string, path: string, key: string, status: number, code: string | undefined][] = [
    ["v1", "/openai/v1/models", "simulator-key", 200, undefined],
    ["v1 with preview", "/openai/v1/models?api-version=preview", "simulator-key", 200, undefined],
    ["v1 with a dated version", "/openai/v1/models?api-version=2025-04-01-preview", "simulator-key", 400, "BadRequest"],
    ["v1 with a wrong key", "/openai/v1/models", "wrong", 401, "401"],
    ["classic", "/openai/models?api-version=2024-10-21", "simulator-key", 200, undefined],
    ["classic without a version", "/openai/models", "simulator-key", 404, "404"],
    ["classic with an unknown version", "/openai/models?api-version=v1", "simulator-key", 400, "BadRequest"],
    ["classic with a wrong key", "/openai/models?api-version=2024-10-21", "wrong", 401, "401"],
  ];
  for (const [what, path, key, status, code] of models) {
    test(`the list of models: ${what}`, async ({ simulator }) => {
      const response = await fetch(simulator.url + path, { headers: { "api-key": key } });
      expect(response.status).toBe(status);
      const body = (await response.json()) as { error?: { code: string } };
      expect(body.error?.code).toBe(code);
      if (status !== 200) return;
      const names = ["gpt-image-2.5-flare", "gpt-image-2", "dall-e-3", "MAI-Image-2.6", "FLUX.2-pro", "gpt-4.1", "gpt-5.5", "gpt-5.6-sol"];
      const model = { object: "model", created: expect.any(Number), owned_by: "system" };
      expect(body).toEqual({ object: "list", data: expect.arrayContaining(names.map((id) => ({ id, ...model }))) });
    });
  }

  for (const [what, path, status] of [
    ["v1", "/openai/v1/models/GPT-image-2", 200],
    ["classic", "/openai/models/gpt-image-2?api-version=2024-10-21", 200],
    ["one that does not exist", "/openai/v1/models/gpt-image-0", 404],
    ["a deployment", "/openai/v1/models/my-pictures", 404],
  ] as const) {
    test(`a model: ${what}`, async ({ simulator }) => {
      const response = await fetch(simulator.url + path, { headers: { "api-key": "simulator-key" } });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject(
        status === 200
          ? { id: "gpt-image-2", object: "model", created: expect.any(Number), owned_by: "system" }
          : { error: { code: "model_not_found", message: expect.stringContaining("does not exist") } },
      );
    });
  }

  test("the list of models is only for GET, and only for those who may call", async ({ simulator }) => {
    expect((await post(simulator, {}, { path: "/openai/v1/models" })).status).toBe(404);
    const url = `${simulator.url}/openai/v1/models`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: { authorization: "Bearer simulator-token" } })).status).toBe(200);
  });
});

test.describe("authentication", () => {
  const wrongKey = { error: { code: "401" } };
  const wrongToken = { statusCode: 401, message: expect.stringContaining("https://cognitiveservices.azure.com") };
  const cases: readonly [what: string, path: string, headers: Record<string, string>, status: number, body: Record<string, unknown>][] = [
    ["no credential", V1, {}, 401, wrongKey],
    ["a wrong key", V1, { "api-key": "wrong" }, 401, wrongKey],
    ["a wrong token", V1, { authorization: "Bearer wrong" }, 401, wrongToken],
    ["another scheme", V1, { authorization: "Basic simulator-token" }, 401, wrongToken],
    ["a token", V1, { authorization: "Bearer simulator-token" }, 200, {}],
    ["the key as a token on v1", V1, { authorization: "Bearer simulator-key" }, 200, {}],
    ["the key as a token on a classic route", classic("gpt-image-1"), { authorization: "Bearer simulator-key" }, 401, wrongToken],
    ["both", V1, { "api-key": "simulator-key", authorization: "Bearer simulator-token" }, 400, { error: { code: "invalid_request_error" } }],
  ];
  for (const [what, path, headers, status, body] of cases) {
    test(what, async ({ simulator }) => {
      const response = await fetch(simulator.url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(request("a lake")),
      });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject(body);
    });
  }

  test("a function may judge the token of each request, so that tokens can expire", async () => {
    const seen: string[] = [];
    const expired = new Set<string>();
    const simulator = await startSimulator({
      bearerToken: (token) => {
        seen.push(token);
        return !expired.has(token);
      },
    });
    const ask = async (token: string, path: string) => (await fetch(simulator.url + path, { headers: { authorization: `Bearer ${token}` } })).status;
    const [v1, classicPath] = ["/openai/v1/models", "/openai/models?api-version=2025-04-01-preview"];
    expect(await ask("first", v1)).toBe(200);
    expect(await ask("first", classicPath)).toBe(200);
    expired.add("first");
    expect(await ask("first", v1)).toBe(401);
    expect(await ask("second", v1)).toBe(200);
    expect(await ask("first", classicPath)).toBe(401);
    expect(seen).toEqual(["first", "first", "first", "second", "first"]);
    await simulator.close();
  });
});

test.describe("no connection is reused", () => {
  const json = (body: object) => {
    const content = JSON.stringify(body);
    return `content-type: application/json\r\ncontent-length: ${content.length}\r\n\r\n${content}`;
  };
  const asks: readonly [what: string, line: string, rest: string, status: number][] = [
    ["a preflight", `OPTIONS ${V1}`, "origin: http://localhost\r\naccess-control-request-method: POST\r\n\r\n", 204],
    ["a page for people", "GET /", "\r\n", 200],
    ["the list of models", "GET /openai/v1/models", "\r\n", 200],
    ["a document", `POST ${V1}`, json(request("a lake")), 200],
    ["a stream", `POST ${V1}`, json(streamed("a lake")), 200],
    ["a body cut short", `POST ${V1}`, json(streamed("a lake [truncate]")), 200],
    ["a refusal", `POST ${V1}`, json(request("a lake [status=408]")), 408],
    ["an empty refusal", `POST ${V1}`, json(request("a lake [status=504]")), 504],
    ["another path", "GET /elsewhere", "\r\n", 404],
  ];

  /** Everything that comes until the simulator ends the connection, which the client would keep. */
  async function receive(simulator: Simulator, text: string): Promise<string> {
    const socket = connect(simulator.port, "127.0.0.1");
    socket.write(text);
    return (await socket.setEncoding("latin1").toArray()).join("");
  }

  for (const [what, line, rest, status] of asks) {
    test(`after ${what}`, async ({ simulator }) => {
      const text = `${line} HTTP/1.1\r\nhost: localhost\r\nconnection: keep-alive\r\napi-key: simulator-key\r\n${rest}`;
      const received = await receive(simulator, text);
      const head = received.slice(0, received.indexOf("\r\n\r\n")).toLowerCase().split("\r\n");
      expect(head[0]).toContain(` ${status} `);
      expect(head.filter((header) => /^(connection|keep-alive):/.test(header))).toEqual(["connection: close"]);
      await expect.poll(() => simulator.openConnections()).toBe(0);
      expect(simulator.requests).toMatchObject([{ aborted: false, status }]);
    });
  }
});

test.describe("CORS", () => {
  test("a preflight permits what a client for Azure needs and nothing else", async ({ simulator }) => {
    const response = await fetch(simulator.url + V1, {
      method: "OPTIONS",
      headers: {
        origin: "http://localhost:5173",
        "access-control-request-method": "POST",
        "access-control-request-headers": "api-key,content-type,x-stainless-os",
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-methods")).toBe("GET, POST, DELETE, OPTIONS");
    expect(response.headers.get("access-control-allow-headers")?.split(", ").sort()).toEqual([
      "api-key",
      "authorization",
      "content-type",
      "x-ms-oai-image-generation-deployment",
    ]);
    expect(simulator.requests).toMatchObject([
      { preflight: true, headers: { "access-control-request-headers": "api-key,content-type,x-stainless-os" }, status: 204 },
    ]);
  });

  test("answers can be read by any page, their headers cannot", async ({ simulator }) => {
    for (const body of [request("a lake"), streamed("a lake"), request("a lake", { size: "1x1" })]) {
      const response = await post(simulator, body);
      await response.text();
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(response.headers.get("access-control-expose-headers")).toBeNull();
      expect(response.headers.get("apim-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(response.headers.get("x-ms-region")).toBe("East US 2");
    }
  });

  test("a picture behind a URL cannot be read by a page", async ({ simulator }) => {
    const answer = await post(simulator, { model: "dall-e-3", prompt: "a lake" });
    const { data } = (await answer.json()) as { data: { url: string }[] };
    const response = await fetch(data[0]?.url ?? "");
    expect(response.headers.get("content-type")).toBe("image/png");
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    const picture = Buffer.from(await response.arrayBuffer());
    expect(simulator.pictures).toMatchObject([{ requestIndex: 1, kind: "final", sha256: sha256(picture.toString("base64")) }]);
  });
});

test.describe("the log", () => {
  test("has every request and every picture, and can be cleared", async ({ simulator }) => {
    const response = await post(simulator, streamed("a lake"), { headers: { api_version: "preview" } });
    const events = readEvents(await response.text());
    await simulator.requests[0]?.closed;
    expect(simulator.requests).toMatchObject([
      {
        index: 0,
        method: "POST",
        path: "/openai/v1/images/generations",
        query: { "api-version": "preview" },
        headers: { "api-key": "simulator-key", api_version: "preview" },
        body: streamed("a lake"),
        rawBody: Buffer.from(JSON.stringify(streamed("a lake"))),
        preflight: false,
        status: 200,
        aborted: false,
      },
    ]);
    const look = { requestIndex: 0, mediaType: "image/png", width: 1024, height: 1024 };
    expect(simulator.pictures).toEqual(
      events.map(({ data }) => ({
        ...look,
        kind: data["type"] === "image_generation.completed" ? "final" : "partial",
        sha256: sha256(data["b64_json"]),
        byteLength: Buffer.from(data["b64_json"], "base64").length,
      })),
    );
    simulator.reset();
    expect(simulator.requests).toEqual([]);
    expect(simulator.pictures).toEqual([]);
  });
});

test.describe("a client that goes away", () => {
  test("during a stream stops the work", async () => {
    const simulator = await startSimulator({ latencyInMs: 60_000 });
    // `fetch` opens another connection in place of one that it drops, and keeps it for seconds.
    const headers = { "content-type": "application/json", "api-key": "simulator-key" };
    const asked = httpRequest(simulator.url + V1, { method: "POST", headers }).end(JSON.stringify(streamed("a lake")));
    expect(await once(asked, "response")).toMatchObject([{ statusCode: 200 }]);
    expect(simulator.activeRequests).toBe(1);
    asked.destroy();
    await simulator.requests[0]?.closed;
    await expect.poll(() => simulator.activeRequests).toBe(0);
    await expect.poll(() => simulator.openConnections()).toBe(0);
    expect(simulator.requests).toMatchObject([{ aborted: true, status: 200 }]);
    expect(simulator.pictures).toEqual([]);
    await simulator.close();
  });

  test("before the answer stops the work", async () => {
    const simulator = await startSimulator({ latencyInMs: 60_000 });
    const abort = new AbortController();
    const response = post(simulator, request("a lake"), { signal: abort.signal });
    await expect.poll(() => simulator.activeRequests).toBe(1);
    abort.abort();
    await expect(response).rejects.toThrow();
    await expect.poll(() => simulator.activeRequests).toBe(0);
    expect(simulator.requests).toMatchObject([{ aborted: true, status: undefined }]);
    await simulator.close();
  });

  test("that does not read is not sent the whole picture", async ({ simulator }) => {
    const abort = new AbortController();
    const body = { model: "gpt-image-2", prompt: "[noise] a lake", size: "3840x2160" };
    const response = await post(simulator, body, { signal: abort.signal });
    await response.body?.getReader().read();
    expect(simulator.pictures).toEqual([]);
    abort.abort();
    await expect.poll(() => simulator.activeRequests).toBe(0);
    expect(simulator.requests).toMatchObject([{ aborted: true }]);
  });
});

test("latency spreads the previews over the time of a picture", async () => {
  const simulator = await startSimulator({ latencyInMs: 1500 });
  const startedAt = performance.now();
  const response = await post(simulator, streamed("a lake"));
  const times: number[] = [];
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    while (text.split("\n\n").length - 1 > times.length) times.push(performance.now() - startedAt);
  }
  expect(times).toHaveLength(3);
  for (const [index, time] of times.entries()) {
    expect(time).toBeGreaterThanOrEqual(500 * (index + 1) - 5);
  }
  await simulator.close();
});

test.describe("the options", () => {
  const wrong: readonly [options: SimulatorOptions, message: RegExp][] = [
    [{ port: 70_000 }, /^The option port takes a whole number from 0 to 65535, not '70000'\.$/],
    [{ latencyInMs: -1 }, /^The option latencyInMs takes .*, not '-1'\.$/],
    [{ logLimit: Number.NaN }, /^The option logLimit takes .*, not 'NaN'\.$/],
    [{ deployments: { mine: "gpt-image-0" } }, /^Deployment 'mine': there is no model 'gpt-image-0', only gpt-image-2.5-flare, /],
    [{ deployments: { "my--pictures": "gpt-image-1" } }, /^Deployment 'my--pictures': .* choose a name without\.$/],
    [{ scenario: ["stahl"] }, /^There is no scenario 'stahl'; the words are .*\bstall\b.* Did you mean 'stall'\?$/],
    [{ scenario: ["staus=429"] }, /^There is no scenario 'staus=429'; .* Did you mean 'status'\?$/],
    [{ scenario: ["delay=1000000000000"] }, /^The scenario 'delay' takes a whole number of milliseconds from 1 to 2147483647, /],
    [{ bodyLimitInBytes: -1 }, /^The option bodyLimitInBytes takes a whole number from 0 to \d+, not '-1'\.$/],
    [{ scenario: ["chunk=many"] }, /^The scenario 'chunk' takes a whole number above 0, not 'many'\.$/],
  ];
  for (const [options, message] of wrong) {
    test(`are refused: ${JSON.stringify(options)}`, async () => {
      await expect(startSimulator(options)).rejects.toThrow(message);
    });
  }

  test("that are undefined have their defaults", async () => {
    const simulator = await startSimulator({ port: undefined, apiKey: undefined, logLimit: undefined });
    expect((await post(simulator, request("a lake"))).status).toBe(200);
    expect(simulator.requests).toHaveLength(1);
    await simulator.close();
    await simulator.close();
  });

  test("can give every request a scenario, to which its own words are added", async () => {
    const simulator = await startSimulator({ scenario: ["status=503", "retry-after=7", "times=1"] });
    const answers = [];
    for (const prompt of ["a lake", "a sea [status=429]", "a lake"]) {
      const { status, headers } = await post(simulator, request(prompt));
      answers.push([status, headers.get("retry-after")]);
    }
    expect(answers).toEqual([
      [503, "7"],
      [429, "7"],
      [200, null],
    ]);
    const response = await post(simulator, { model: "gpt-4.1", input: "Hello" }, { path: "/openai/v1/responses" });
    expect(response.status).toBe(503);
    await simulator.close();
  });
});

test.describe("the command", () => {
  /** Starts it, and returns what it printed when it is ready. */
  async function start(...args: string[]) {
    const child = spawn(process.execPath, [CLI, "--port", "0", ...args], { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    for await (const line of createInterface(child.stdout)) {
      printed += `${line}\n`;
      if (line.startsWith("Ctrl+C")) break;
    }
    return { child, printed, url: /http:\S+/.exec(printed)?.[0] ?? "" };
  }

  test("prints its address, its key and an example, and takes its options", async ({}, info) => {
    const { child, printed, url } = await start(
      "--latency",
      "0",
      "--api-key",
      "it's mine",
      "--deployment",
      "mine=gpt-image-1",
      "--scenario",
      "expose-headers",
      "--scenario=chunk=100000",
    );
    expect(printed).toContain("\napi-key: it's mine, bearer token: simulator-token\nscenario of every request: expose-headers, chunk=100000\n");
    const example = printed.slice(printed.indexOf("curl"), printed.lastIndexOf("\n\n"));
    const folder = info.outputPath();
    await mkdir(folder, { recursive: true });
    await promisify(execFile)("sh", ["-c", example], { cwd: folder });
    expect(await sharp(join(folder, "lake.png")).metadata()).toMatchObject({ format: "png", width: 1024, height: 1024 });
    const headers = { "api-key": "it's mine" };
    const response = await post({ url } as Simulator, request("a lake", { model: "mine" }), { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-expose-headers")).toBe("*");
    child.kill();
    await once(child, "exit");
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    test(`ends at once on ${signal}, and well`, async () => {
      const { child, url } = await start("--latency", "60000");
      const body = { model: "gpt-4.1", input: "Draw a lake", background: true, tools: [{ type: "image_generation" }] };
      const headers = { "x-ms-oai-image-generation-deployment": "gpt-image-1" };
      const job = await post({ url } as Simulator, body, { path: "/openai/v1/responses", headers });
      expect(job.status).toBe(200);
      const stream = await post({ url } as Simulator, streamed("a lake"));
      child.kill(signal);
      expect(await once(child, "exit")).toEqual([0, null]);
      expect(await stream.text().catch(() => "")).not.toContain("completed");
    });
  }

  const run = (...args: string[]) => promisify(execFile)(process.execPath, [CLI, ...args]);

  test("says in one line that a port is taken", async ({ simulator }) => {
    await expect(run("--port", String(simulator.port))).rejects.toMatchObject({
      code: 1,
      stderr: `azure-image-simulator: port ${simulator.port} is taken; choose another with --port\n`,
    });
  });

  const wrong: readonly [args: readonly string[], message: RegExp][] = [
    [["--port", "http"], /--port takes a whole number from 0 to 65535, not 'http'/],
    [["--port", "70000"], /--port takes a whole number from 0 to 65535, not '70000'/],
    [["--port", "--latency", "0"], /--port needs a value. Write --port N: /],
    [["--latency=soon"], /--latency takes a whole number .*, not 'soon'/],
    [["--api-key="], /--api-key needs a value. Write --api-key KEY: /],
    [["--host", "192.0.2.1"], /no address '192.0.2.1'; choose another with --host/],
    [["--colour", "red"], /There is no option --colour. The options are --port, /],
    [["-p", "1"], /There is no option -p. The options are --port, /],
    [["8787"], /'8787' belongs to no option. Write for example --port 8787/],
    [["--help=all"], /--help takes no value; write it without 'all'/],
    [["--deployment", "mine"], /--deployment takes a name and its model, not 'mine'. Write for example --deployment /],
    [["--deployment", "mine=gpt-image-0"], /no model 'gpt-image-0', only gpt-image-2.5-flare, /],
    [["--body-limit", "1MB"], /--body-limit takes a whole number .*, not '1MB'/],
    [["--strict-deployments=yes"], /--strict-deployments takes no value/],
    [["--latency", "3600001"], /--latency takes a whole number from 0 to 3600000/],
    [["--scenario", "stahl"], /There is no scenario 'stahl'; the words are .*\bstall\b/],
  ];
  test("refuses what it does not understand, and says in one line what to write", async () => {
    const refused = ([args, message]: (typeof wrong)[number]) =>
      expect(run(...args), args.join(" ")).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(message), stdout: "" });
    await Promise.all(wrong.map(refused));
  });

  test("explains itself", async () => {
    const { stdout } = await run("--help");
    for (const { name, value, effect } of scenarioWords) {
      expect(stdout).toContain(`\n  ${value === undefined ? name : `${name}=${value}`}\n      ${effect}\n`);
    }
    expect((await run("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
