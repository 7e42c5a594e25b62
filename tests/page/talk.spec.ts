import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.js";

test("a conversation goes on with its last picture", async ({ page, simulator }) => {
  await page.getByRole("button", { name: "Talk" }).click();
  const talk = page.getByRole("region", { name: "Talk" });
  const turns = talk.getByRole("list", { name: "Conversation" }).getByRole("listitem");
  for (const [index, words] of ["Draw a lighthouse", "Edit it: at night"].entries()) {
    await talk.getByRole("textbox", { name: "Say" }).fill(words);
    await talk.getByRole("button", { name: "Send" }).click();
    await expect(turns).toHaveCount(index + 1);
    await expect(turns.last().getByRole("button", { name: "Use as input" })).toBeVisible();
    await expect(talk.getByRole("button", { name: "Stop" })).toBeDisabled();
    await expect(turns.last().locator(".answer")).not.toBeEmpty();
  }
  await expect(page.getByRole("button", { name: "History (2)" })).toBeVisible();
  const bodies = simulator.requests.filter(({ method }) => method === "POST").map(({ body }) => body as Record<string, unknown>);
  expect(bodies).toHaveLength(2);
  expect(bodies[1]).toMatchObject({ model: "gpt-5.5", previous_response_id: expect.stringMatching(/^resp_/), stream: true });
});

test("a job in the background survives a reload", async ({ page, simulator }) => {
  await page.getByRole("button", { name: "Talk" }).click();
  const talk = page.getByRole("region", { name: "Talk" });
  await talk.getByRole("textbox", { name: "Say" }).fill("Draw a harbour [stall=after-first-preview] [times=1]");
  await talk.getByRole("checkbox", { name: /In the background/ }).check();
  await talk.getByRole("button", { name: "Send" }).click();
  await expect(talk.getByRole("figure")).toHaveCount(1);
  await page.reload();
  await page.getByRole("button", { name: "Talk" }).click();
  await expect(talk.getByText("Draw a harbour")).toBeVisible();
  await expect(talk.getByRole("button", { name: "Use as input" })).toBeVisible();
  expect(simulator.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  // The picture comes before the end of the job.
  await expect(talk.getByRole("button", { name: "Stop" })).toBeDisabled();
  await page.reload();
  await page.getByRole("button", { name: "Talk" }).click();
  await expect(talk.getByRole("listitem")).toHaveCount(0);
});

test("a failure is told in words, and a stop is calm", { tag: "@nightly" }, async ({ page, simulator }) => {
  await page.getByRole("button", { name: "Talk" }).click();
  const talk = page.getByRole("region", { name: "Talk" });
  await talk.getByRole("textbox", { name: "Say" }).fill("Draw a harbour [stall=after-first-preview]");
  await talk.getByRole("button", { name: "Send" }).click();
  await expect(talk.getByText("Preview", { exact: true })).toBeVisible();
  await talk.getByRole("button", { name: "Stop" }).click();
  await expect(talk.getByRole("status")).toHaveText("cancelled");
  await expect.poll(() => simulator.activeRequests).toBe(0);
  await talk.getByRole("button", { name: "New conversation" }).click();
  await talk.getByRole("textbox", { name: "Say" }).fill("Draw a harbour [call-failed]");
  await talk.getByRole("button", { name: "Send" }).click();
  await expect(talk.getByText(/content_filter/).first()).toBeVisible();
});

const send = async (page: Page, words: string, turns: number) => {
  const talk = page.getByRole("region", { name: "Talk" });
  await talk.getByRole("textbox", { name: "Say" }).fill(words);
  await talk.getByRole("button", { name: "Send" }).click();
  await expect(talk.getByRole("list", { name: "Conversation" }).getByRole("listitem")).toHaveCount(turns);
};

test("a turn that fails, or is stopped, leaves the conversation where it was", { tag: "@nightly" }, async ({ page, simulator, consoleErrors }) => {
  await page.getByRole("button", { name: "Talk" }).click();
  const talk = page.getByRole("region", { name: "Talk" });
  const stop = talk.getByRole("button", { name: "Stop" });
  const isOver = () => expect(stop).toBeDisabled();
  await send(page, "Draw a lighthouse", 1);
  await isOver();
  await send(page, "Edit it: by day [status=400]", 2);
  await isOver();
  await send(page, "Edit it: in winter [stall=after-first-preview]", 3);
  await expect(talk.getByText("Preview", { exact: true })).toBeVisible();
  await stop.click();
  await isOver();
  await send(page, "Edit it: at night", 4);
  await isOver();
  await expect(talk.getByRole("listitem").last().getByRole("button", { name: "Use as input" })).toBeVisible();
  const asked = simulator.requests.filter(({ method }) => method === "POST").map(({ body }) => body as Record<string, unknown>);
  const [first, ...others] = asked.map((body) => body["previous_response_id"]);
  expect(first).toBeUndefined();
  expect(new Set(others)).toEqual(new Set([expect.stringMatching(/^resp_/)]));
  await talk.getByRole("button", { name: "Say it again" }).click();
  await expect(talk.getByRole("textbox", { name: "Say" })).toHaveValue("Edit it: by day [status=400]");
  expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("400")]);
});

test("a job is followed again when the credential is there again, and is not forgotten before", { tag: "@nightly" }, async ({ page, simulator }) => {
  const connect = async (token: string) => {
    await page.getByText("Connection", { exact: true }).click();
    await page.getByRole("radio", { name: "Token" }).check();
    await page.getByRole("textbox", { name: "Microsoft Entra token" }).fill(token);
    await page.getByRole("button", { name: "Talk" }).click();
  };
  await page.getByText("Connection", { exact: true }).click();
  await connect("simulator-token");
  const talk = page.getByRole("region", { name: "Talk" });
  await talk.getByRole("checkbox", { name: /In the background/ }).check();
  await send(page, "Draw a harbour [stall=after-first-preview] [times=1]", 1);
  await expect(talk.getByRole("figure")).toHaveCount(1);
  await page.reload();
  await connect("");
  await expect(talk.getByText(/The credential/)).toBeVisible();
  await page.getByRole("textbox", { name: "Microsoft Entra token" }).fill("simulator-token");
  await talk.getByRole("button", { name: "Follow it" }).click();
  await expect(talk.getByRole("button", { name: "Use as input" })).toBeVisible();
  await expect(talk.getByRole("button", { name: "Follow it" })).toHaveCount(0);
  expect(simulator.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("what is written stays while something else is looked at, and its keys make no other picture", { tag: "@nightly" }, async ({
  page,
  simulator,
}) => {
  await page.getByRole("button", { name: "Talk" }).click();
  const talk = page.getByRole("region", { name: "Talk" });
  await talk.getByRole("textbox", { name: "Say" }).fill("Draw a mill");
  await page.getByRole("button", { name: /^History/ }).click();
  await page.getByRole("button", { name: "Talk" }).click();
  await expect(talk.getByRole("textbox", { name: "Say" })).toHaveValue("Draw a mill");
  await talk.getByRole("textbox", { name: "named" }).press("Control+Enter");
  await expect(talk.getByRole("button", { name: "Use as input" })).toBeVisible();
  expect(simulator.requests.filter(({ method }) => method === "POST").map(({ path }) => path)).toEqual(["/openai/v1/responses"]);
  await page.getByRole("button", { name: "Under the hood" }).click();
  await expect(page.getByRole("row").filter({ hasText: "partialImage" })).toHaveCount(2);
});

test("a reload before the service has named a job starts no second one, and says what may have happened", async ({ page, simulator }) => {
  await page.getByRole("button", { name: "Talk" }).click();
  const talk = page.getByRole("region", { name: "Talk" });
  const posts = () => simulator.requests.filter(({ method }) => method === "POST");
  await talk.getByRole("textbox", { name: "Say" }).fill("Draw a harbour [slow-first-byte=60000]");
  await talk.getByRole("checkbox", { name: /In the background/ }).check();
  await talk.getByRole("button", { name: "Send" }).click();
  await expect.poll(() => posts().length).toBe(1);
  await page.reload();
  await page.getByRole("button", { name: "Talk" }).click();
  const notice = talk.getByText(/“Draw a harbour.*” was sent to .* may still run and be billed/);
  await expect(notice).toBeVisible();
  await expect(talk.getByRole("button", { name: "Follow it" })).toHaveCount(0);
  await talk.getByRole("button", { name: "Copy to message" }).click();
  await expect(talk.getByRole("textbox", { name: "Say" })).toHaveValue(/^Draw a harbour/);
  await page.reload();
  await page.getByRole("button", { name: "Talk" }).click();
  await expect(notice).toBeVisible();
  expect(posts()).toHaveLength(1);
  await talk.getByRole("button", { name: "Dismiss" }).click();
  await expect(notice).toHaveCount(0);
  await page.reload();
  await page.getByRole("button", { name: "Talk" }).click();
  await expect(talk.getByRole("textbox", { name: "Say" })).toBeVisible();
  await expect(notice).toHaveCount(0);
  expect(posts()).toHaveLength(1);
});

test("a job that the service refuses leaves no mark", async ({ page, simulator, consoleErrors }) => {
  await page.getByRole("button", { name: "Talk" }).click();
  const talk = page.getByRole("region", { name: "Talk" });
  await talk.getByRole("checkbox", { name: /In the background/ }).check();
  await talk.getByRole("textbox", { name: "Say" }).fill("Draw a harbour [status=400]");
  await talk.getByRole("button", { name: "Send" }).click();
  await expect(talk.getByRole("button", { name: "Say it again" })).toBeVisible();
  await page.reload();
  await page.getByRole("button", { name: "Talk" }).click();
  await expect(talk.getByRole("textbox", { name: "Say" })).toBeVisible();
  await expect(talk.getByText(/was sent to/)).toHaveCount(0);
  expect(simulator.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("400")]);
});

test("sending twice sends once", async ({ page, simulator }) => {
  await page.getByRole("button", { name: "Talk" }).click();
  const talk = page.getByRole("region", { name: "Talk" });
  const say = talk.getByRole("textbox", { name: "Say" });
  const send = talk.getByRole("button", { name: "Send" });
  const stop = talk.getByRole("button", { name: "Stop" });
  const twice: readonly (() => Promise<void>)[] = [
    () => send.dblclick(),
    () =>
      send.evaluate((button: HTMLButtonElement) => {
        button.click();
        button.click();
      }),
    async () => {
      await say.press("Control+Enter");
      await say.press("Control+Enter");
      // It is disabled for assistive technology alone.
      await send.click({ force: true });
    },
  ];
  for (const [index, act] of twice.entries()) {
    await say.fill("Draw a mill [stall=after-first-preview]");
    await act();
    await expect(talk.getByRole("figure")).toHaveCount(index + 1);
    await stop.click();
    await expect(stop).toBeDisabled();
    expect(simulator.requests.filter(({ method }) => method === "POST")).toHaveLength(index + 1);
  }
});
