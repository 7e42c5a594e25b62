import { expect, test } from "./fixtures.js";

const KEY = "simulator-key";
const TOKEN = "simulator-token";

test("a credential that the service repeats is told to nobody", async ({ page, simulator }) => {
  for (const streamed of [false, true]) {
    const report = await page.evaluate(
      async ([endpoint, key, streamed]) => {
        const client = new azure.AzureImageClient(endpoint, { key }, { deployment: "gpt-image-1" });
        const request = { prompt: "a lake [echo-credential] [expose-headers]" };
        return helpers.outcome(streamed ? client.generateStream(request).result() : client.generate(request));
      },
      [simulator.url, KEY, streamed] as const,
    );
    expect(report.error).toMatchObject({ code: "authentication", status: 401, requestId: "[redacted]", param: "[redacted]" });
    expect(report.error?.message).toContain("the credential '[redacted]' is not known");
    expect(JSON.stringify(report)).not.toContain(KEY);
  }
});

test("a token that the service repeats is told to nobody", async ({ page, simulator }) => {
  const report = await page.evaluate(
    async ([endpoint, token]) => {
      const client = new azure.AzureImageClient(endpoint, () => token, { deployment: "gpt-image-1" });
      return helpers.outcome(client.generate({ prompt: "a lake [echo-credential] [expose-headers]" }));
    },
    [simulator.url, TOKEN] as const,
  );
  expect(report.error).toMatchObject({ code: "authentication", requestId: "[redacted]" });
  expect(JSON.stringify(report)).not.toContain(TOKEN);
});

test("a token that was refused is told to nobody either, when the service repeats it with the next one", async ({ page }) => {
  const report = await page.evaluate(async () => {
    const [refused, forced] = ["the-refused-token-0123456789", "a-forced-token-0123456789"];
    const told: string[] = [];
    const fetch = async (request: Request) => {
      const has = request.headers.get("authorization");
      const message = has?.includes(refused) ? `has ${refused}` : `had ${refused}, has ${forced}`;
      return Response.json({ error: { code: "401", message } }, { status: 401 });
    };
    const client = new azure.AzureImageClient("/api", ({ forceRefresh }) => (forceRefresh ? forced : refused), { deployment: "x", fetch });
    const onProgress = ({ retry }: import("../../js/index.js").Progress) => retry && told.push(retry.error.message);
    return { ...(await helpers.outcome(client.generate({ prompt: "a" }, { onProgress }))), told };
  });
  expect(report.error?.message).toContain("had [redacted], has [redacted].");
  expect(report.told).toHaveLength(1);
  expect(JSON.stringify(report)).not.toContain("0123456789");
});

test("neither a secret header of the page's own, nor a key in place of a category, is repeated", async ({ page }) => {
  const report = await page.evaluate(async () => {
    const secret = "a-subscription-key-0123456789";
    const options = { deployment: "x", extraHeaders: { "Ocp-Apim-Subscription-Key": secret } };
    const refusing = async () => Response.json({ error: { code: "401", message: `no ${secret}` } }, { status: 401 });
    const withholding = async () => Response.json({ data: [{ content_filter_results: { [secret]: { filtered: true } } }] });
    const outcomes = [];
    for (const fetch of [refusing, withholding]) {
      const client = new azure.AzureImageClient("/api", null, { ...options, fetch });
      outcomes.push(await helpers.outcome(client.generate({ prompt: "a" })));
    }
    return outcomes;
  });
  expect(report.map(({ error }) => error?.code)).toEqual(["authentication", "content_filter"]);
  expect(JSON.stringify(report)).not.toContain("0123456789");
});

test("no secret comes back by way of an id, behind a scheme, in a cookie's value or a query", async ({ page }) => {
  const report = await page.evaluate(async () => {
    const secret = "a-secret-0123456789";
    const refusing = async () => Response.json({ error: { code: "x", message: `no ${secret}`, param: secret } }, { status: 400 });
    const outcomes = [];
    for (const options of [
      { extraHeaders: { Authorization: `Bearer ${secret}` } },
      { extraHeaders: { "X-Auth": `Basic ${secret}==` } },
      { extraHeaders: { "X-Forwarded-Cookie": `a=b; session=${secret}; c=d` } },
      { extraQuery: { "subscription-key": secret } },
      { extraQuery: { code: secret } },
    ]) {
      const client = new azure.AzureImageClient("/api", null, { deployment: "x", fetch: refusing, ...options });
      outcomes.push((await helpers.outcome(client.generate({ prompt: "a" }))).error);
      outcomes.push(await client.probe());
    }
    // As it stands in a URL.
    const encoding = async ({ url }: Request) => Response.json({ error: { message: `no ${url}` } }, { status: 400 });
    const code = new azure.AzureImageClient("/api", null, { deployment: "x", fetch: encoding, extraQuery: { code: "abc/0123456789+==" } });
    outcomes.push((await helpers.outcome(code.generate({ prompt: "a" }))).error);
    let asked = 0;
    const forgetful = async () => {
      asked += 1;
      if (asked > 1) return new Response(null, { status: 403 });
      const created = { type: "response.created", sequence_number: 0, response: { id: secret, status: "queued", background: true } };
      return new Response(`data: ${JSON.stringify(created)}\n\n`, { headers: { "content-type": "text/event-stream" } });
    };
    const client = new azure.AzureImageClient("/api", { key: secret }, { fetch: forgetful, retryOptions: { maxRetries: 0 } });
    const job = await client.responses.start({ model: "m", input: "a lake" });
    outcomes.push((await helpers.responseOutcome(job.result())).error);
    const failed = { id: secret, object: "response", status: "failed", model: secret, error: { code: "server_error", message: secret }, output: [] };
    const failing = async () =>
      new Response(`data: ${JSON.stringify({ type: "response.failed", response: failed })}\n\n`, {
        headers: { "content-type": "text/event-stream" },
      });
    for (const fetch of [async () => Response.json(failed), failing]) {
      const client = new azure.AzureImageClient("/api", { key: secret }, { fetch });
      const request = { model: "m", input: "a lake" };
      for (const call of [client.responses.create(request), client.responses.stream(request).result()]) {
        const { error } = await helpers.responseOutcome(call);
        // What came of a response is handed over as it came; of the error itself is its id.
        outcomes.push({ ...error, response: error?.response?.id });
      }
    }
    return outcomes;
  });
  expect(report).toHaveLength(16);
  expect(JSON.stringify(report.at(-1))).toContain("[redacted]");
  for (const told of report) expect(JSON.stringify(told)).not.toContain("0123456789");
});

test("what succeeds is handed over as it came, also where a header of the page's own holds some of it", async ({ page }) => {
  const { ok } = await page.evaluate(async () => {
    const response = {
      object: "response",
      status: "completed",
      output: [],
      id: "resp_1",
      conversation: { id: "conv_0123456789" },
      model: "gpt-image-1-mini",
    };
    const client = new azure.AzureImageClient("/api", null, {
      fetch: async () => Response.json(response),
      extraHeaders: { "x-session-id": "conv_0123456789", "x-model-key": "gpt-image-1-mini" },
    });
    return helpers.responseOutcome(client.responses.create({ model: "m", input: "a lake" }));
  });
  expect(ok).toMatchObject({ id: "resp_1", conversation: "conv_0123456789", model: "gpt-image-1-mini" });
});

test("one thing signs a request: not a credential and a header, and a key in a header is a key", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const messages = [];
    for (const [to, credential, extraHeaders] of [
      [endpoint, () => "simulator-token", { "API-Key": "simulator-key" }],
      [endpoint, { key: "simulator-key" }, { Authorization: "Bearer simulator-token" }],
      ["https://my-resource.openai.azure.com", null, { "api-key": "simulator-key" }],
    ] as const) {
      const client = new azure.AzureImageClient(to, credential, { deployment: "gpt-image-1", extraHeaders });
      messages.push((await helpers.outcome(client.generate({ prompt: "a" }))).error);
    }
    return messages;
  }, simulator.url);
  expect(report.map((error) => [error?.code, error?.param])).toEqual([
    ["invalid_request", "extraHeaders"],
    ["invalid_request", "extraHeaders"],
    ["authentication", undefined],
  ]);
  expect(report[2]?.message).toContain("dangerouslyAllowApiKeyInBrowser");
  expect(simulator.requests).toEqual([]);
  expect(JSON.stringify(report)).not.toContain(KEY);
});

test("what stands in the wrong place may be a secret, and is not shown", async ({ page }) => {
  const messages = await page.evaluate(async () => {
    const secret = "AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHH";
    const messages = [];
    for (const options of [{ fetch: secret }, { validation: secret }, { timeoutInMs: secret }, { retryOptions: secret }]) {
      const client = new azure.AzureImageClient("/api", null, { deployment: "x", ...options } as never);
      messages.push((await helpers.outcome(client.generate({ prompt: "a" }))).error?.message);
    }
    return messages;
  });
  for (const message of messages) expect(message).toMatch(/must be .*, not a long string\./);
});
