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
  expect(bodies[1]).toMatchObject({ model: "gpt-4.1", previous_response_id: expect.stringMatching(/^resp_/), stream: true });
});

test("a job in the background survives a reload", async ({ page, simulator }) => {
  await page.getByRole("button", { name: "Talk" }).click();
  const talk = page.getByRole("region", { name: "Talk" });
  await talk.getByRole("textbox", { name: "Say" }).fill("Draw a harbour [stall=after-first-preview] [times=1]");
  await talk.getByRole("checkbox", { name: /In the background/ }).check();
  await talk.getByRole("button", { name: "Send" }).click();
  await expect(talk.getByRole("figure")).toHaveCount(1);
  await page.reload();
  await page.getByText("Connection", { exact: true }).click();
  await page.getByRole("textbox", { name: "Endpoint" }).fill(simulator.url);
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

test("a failure is told in words, and a stop is calm", async ({ page, simulator }) => {
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
