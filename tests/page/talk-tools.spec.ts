// Conversations in which the model calls other tools than image generation.

import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import type { Simulator } from "azure-image-simulator";
import { expect, test } from "./fixtures.js";

const region = (page: Page) => page.getByRole("region", { name: "Talk" });
const turns = (page: Page) => region(page).getByRole("list", { name: "Conversation" }).locator(":scope > li");
const sendButton = (page: Page) => region(page).getByRole("button", { name: "Send" });
const tool = (page: Page, name: string) => region(page).getByRole("group", { name: "Tools" }).getByRole("checkbox", { name });
const call = (page: Page, title: string) =>
  turns(page)
    .last()
    .getByRole("group", { name: `Tool call: ${title}`, exact: true });
const approval = (page: Page, title: string) =>
  turns(page)
    .last()
    .getByRole("group", { name: `Approval: ${title}`, exact: true });

async function send(page: Page, words: string): Promise<void> {
  const before = await turns(page).count();
  await region(page).getByRole("textbox", { name: "Say" }).fill(words);
  await sendButton(page).click();
  await expect(turns(page)).toHaveCount(before + 1);
}

async function isOver(page: Page): Promise<void> {
  await expect(region(page).getByRole("button", { name: "Stop" })).toBeDisabled();
}

function sentBodies({ requests }: Simulator): Record<string, unknown>[] {
  return requests.filter(({ method }) => method === "POST").map(({ body }) => body as Record<string, unknown>);
}

/** The colors of the page as the function returns them. */
interface Palette {
  background: string;
  text: string;
  accent: string;
  colorScheme: string;
}

test.beforeEach(async ({ page }) => {
  await page.getByRole("button", { name: "Talk" }).click();
});

test("the model asks the page for its colors, and draws in them", async ({ page, simulator }) => {
  const palettes: Palette[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await send(page, "Draw a lighthouse in the colors of this page");
    await expect(turns(page).last().getByRole("button", { name: "Use as input" })).toBeVisible();
    await isOver(page);
    const bodies = sentBodies(simulator).slice(-2);
    const [output] = bodies[1]?.["input"] as { type: string; output: string }[];
    expect(output?.type).toBe("function_call_output");
    const palette = JSON.parse(output?.output ?? "") as Palette;
    palettes.push(palette);
    expect(palette.colorScheme).toBe(colorScheme);
    await expect(call(page, "get_page_palette").getByRole("definition")).toHaveText(Object.values(palette));
    await expect(turns(page).last().getByRole("img")).toHaveAttribute("alt", new RegExp(palette.accent));
  }
  expect(palettes).toEqual([
    { background: "#e3eaf0", text: "#12263b", accent: "#0c4a8a", colorScheme: "light" },
    { background: "#08111b", text: "#e4edf5", accent: "#7dbcf3", colorScheme: "dark" },
  ]);
  // The second turn continues from the answer to the function.
  expect(sentBodies(simulator)[2]).toMatchObject({ previous_response_id: expect.stringMatching(/^resp_/) });
});

test("a call of an MCP server waits for approval, and the answer continues the conversation", async ({ page, simulator }) => {
  await tool(page, "MCP server").check();
  await send(page, "Search for lighthouses");
  const request = approval(page, "search on learn");
  await expect(request).toContainText("Allow search on the MCP server learn?");
  await expect(request.getByRole("definition")).toHaveText([/lighthouses/]);
  await expect(turns(page).last().getByRole("status")).toHaveText("waiting for your approval");

  // A message must not decide about the call.
  await region(page).getByRole("textbox", { name: "Say" }).fill("Draw a lighthouse");
  await expect(sendButton(page)).toBeDisabled();
  await expect(sendButton(page)).toHaveAccessibleDescription("Approve or deny the call above before you send another message.");
  await region(page).getByRole("textbox", { name: "Say" }).press("Control+Enter");
  await expect(turns(page)).toHaveCount(1);

  await request.getByRole("button", { name: "Approve" }).click();
  await expect(request).toBeFocused();
  await expect(request).toContainText("Approved: search on the MCP server learn");
  await expect(call(page, "search on learn")).toContainText("the simulated result of search on learn");
  await isOver(page);
  const [first, second] = sentBodies(simulator);
  expect(first?.["tools"]).toContainEqual(expect.objectContaining({ type: "mcp", server_label: "learn", require_approval: "always" }));
  expect(second?.["input"]).toEqual([{ type: "mcp_approval_response", approval_request_id: expect.stringMatching(/^mcpr_/), approve: true }]);

  await sendButton(page).click();
  await expect(turns(page).last().getByRole("button", { name: "Use as input" })).toBeVisible();
  await isOver(page);
});

test("a denied call is not made, and the conversation goes on", async ({ page, simulator }) => {
  await tool(page, "MCP server").check();
  await region(page).getByRole("textbox", { name: "Server label" }).fill("docs");
  await region(page).getByRole("textbox", { name: "Server URL" }).fill("https://mcp.example.com/");
  await send(page, "Ask the docs about lighthouses");
  const request = approval(page, "search on docs");
  await request.getByRole("button", { name: "Deny" }).click();
  await expect(request).toContainText("Denied: search on the MCP server docs");
  await expect(turns(page).last().locator(".answer")).toContainText("was not approved");
  await isOver(page);
  await expect(call(page, "search on docs")).toHaveCount(0);
  expect(sentBodies(simulator).at(-1)?.["input"]).toMatchObject([{ approve: false }]);
  await send(page, "Draw a lighthouse");
  await expect(turns(page).last().getByRole("button", { name: "Use as input" })).toBeVisible();
  await isOver(page);
});

test("a response that asks for an approval and calls a function gets both answers", async ({ page, simulator }) => {
  await tool(page, "MCP server").check();
  await send(page, "Search for a lighthouse and draw it in the colors of this page");
  await approval(page, "search on learn").getByRole("button", { name: "Approve" }).click();
  await expect(turns(page).last().getByRole("button", { name: "Use as input" })).toBeVisible();
  await isOver(page);
  await expect(call(page, "get_page_palette")).toContainText("colorScheme");
  const types = (sentBodies(simulator).at(-1)?.["input"] as { type: string }[]).map(({ type }) => type);
  expect(types).toEqual(["mcp_approval_response", "function_call_output"]);
});

test("an MCP server without a valid label or URL is not sent", async ({ page, simulator }) => {
  await tool(page, "MCP server").check();
  const fields = { "Server label": ["", "1 docs"], "Server URL": ["", "docs", "http://mcp.example.com/"] };
  await region(page).getByRole("textbox", { name: "Say" }).fill("Draw a lighthouse");
  for (const [name, values] of Object.entries(fields)) {
    const field = region(page).getByRole("textbox", { name });
    const valid = await field.inputValue();
    for (const value of values) {
      await field.fill(value);
      await sendButton(page).click();
      await expect(field).toBeFocused();
      await region(page).getByRole("textbox", { name: "Say" }).press("Control+Enter");
      await expect(field).toBeFocused();
    }
    await field.fill(valid);
  }
  expect(simulator.requests).toEqual([]);
});

test("the code interpreter shows its code and logs, and its file is downloaded", async ({ page }) => {
  await tool(page, "Code interpreter").check();
  await send(page, "Compute the squares from 1 to 5");
  await isOver(page);
  const code = call(page, "Code interpreter");
  await expect(code.getByText("import csv")).toBeHidden();
  await code.getByText("Code", { exact: true }).click();
  await expect(code.getByText("import csv")).toBeVisible();
  await code.getByText("Logs", { exact: true }).click();
  await expect(code.getByText("[1, 4, 9, 16, 25]")).toBeVisible();
  await expect(turns(page).last().locator(".answer")).toHaveText(/The code wrote squares\.csv\./);
  const started = page.waitForEvent("download");
  await turns(page).last().getByRole("button", { name: "Download squares.csv" }).click();
  const download = await started;
  expect(download.suggestedFilename()).toBe("squares.csv");
  expect(await readFile(await download.path(), "utf8")).toBe("number,square\n1,1\n2,4\n3,9\n4,16\n5,25\n");
});

test("a file that cannot be downloaded says why", { tag: "@nightly" }, async ({ page, consoleErrors }) => {
  await tool(page, "Code interpreter").check();
  await send(page, "Compute the squares from 1 to 5");
  await isOver(page);
  await page.route("**/containers/**", (route) =>
    route.fulfill({ status: 404, json: { error: { code: "not_found", message: "Container expired." } } }),
  );
  await turns(page).last().getByRole("button", { name: "Download squares.csv" }).click();
  await expect(turns(page).last().getByText("Container expired.")).toBeVisible();
  expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("404")]);
});

test("a cited web page opens in a new tab", async ({ page }) => {
  await tool(page, "Web search").check();
  await send(page, "What is the latest news about lighthouses?");
  await isOver(page);
  await expect(call(page, "Web search").getByRole("definition")).toContainText(["search", "latest news"]);
  const link = turns(page).last().getByRole("link", { name: "Example Domain" });
  await expect(link).toHaveAttribute("href", "https://example.com/");
  await expect(link).toHaveAttribute("target", "_blank");
  await expect(link).toHaveAttribute("rel", "noopener noreferrer");
});

test("a cited URL that is no web page is not a link", async ({ page, simulator }) => {
  await tool(page, "Web search").check();
  await page.route(/\/responses\b/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll("https://example.com/", "javascript:alert(1)") });
  });
  await send(page, "What is the latest news about lighthouses?");
  await isOver(page);
  await expect(turns(page).last().getByText("Example Domain")).toBeVisible();
  await expect(turns(page).last().getByRole("link")).toHaveCount(0);
  expect(simulator.requests).toHaveLength(1);
});

test("an agent has its own tools, so none can be chosen", async ({ page }) => {
  const group = region(page).getByRole("group", { name: "Tools" });
  await expect(tool(page, "Page palette")).toBeChecked();
  await region(page).getByRole("combobox", { name: "To the" }).selectOption("agent");
  for (const box of await group.getByRole("checkbox").all()) {
    await expect(box).toBeDisabled();
    await expect(box).not.toBeChecked();
  }
  await expect(group).toHaveAccessibleDescription("An agent has its own tools. To choose tools here, talk to a model.");
  await region(page).locator(".code summary").click();
  await expect(region(page).locator(".code code")).not.toContainText("tools");
  await region(page).getByRole("combobox", { name: "To the" }).selectOption("model");
  await expect(tool(page, "Page palette")).toBeChecked();
  await expect(region(page).locator(".code code")).toContainText("get_page_palette");
});

test("a call that this page cannot answer does not end the conversation", async ({ page, simulator }) => {
  const definition = { kind: "prompt", model: "gpt-5.5", tools: [{ type: "function", name: "get_weather" }, { type: "image_generation" }] };
  const made = await page.request.post(`${simulator.url}/api/projects/demo/agents/forecaster/versions?api-version=v1`, {
    headers: { "api-key": "simulator-key" },
    data: { definition },
  });
  expect(made.ok()).toBe(true);
  await page.getByRole("textbox", { name: "Endpoint" }).fill(`${simulator.url}/api/projects/demo`);
  await region(page).getByRole("combobox", { name: "To the" }).selectOption("agent");
  await region(page).getByRole("textbox", { name: "named" }).fill("forecaster");
  await send(page, "How is the weather?");
  await expect(call(page, "get_weather")).toBeVisible();
  await expect(turns(page).last()).toContainText("This page has no output for the call of get_weather.");
  await isOver(page);
  await send(page, "Draw a lighthouse");
  await expect(turns(page).last().getByRole("button", { name: "Use as input" })).toBeVisible();
  await isOver(page);
  expect(sentBodies(simulator).at(-1)).not.toHaveProperty("previous_response_id");
});

test("a background job has tools but no functions, and a reload keeps its request for approval", async ({ page, simulator }) => {
  await tool(page, "MCP server").check();
  await region(page)
    .getByRole("checkbox", { name: /In the background/ })
    .check();
  await expect(tool(page, "Page palette")).toBeDisabled();
  await expect(region(page).getByRole("group", { name: "Tools" })).toHaveAccessibleDescription(/A background job continues without the page/);
  await send(page, "Search for lighthouses");
  await expect(approval(page, "search on learn").getByRole("button", { name: "Approve" })).toBeVisible();
  await page.reload();
  await page.getByRole("button", { name: "Talk" }).click();
  await approval(page, "search on learn").getByRole("button", { name: "Approve" }).click();
  await expect(call(page, "search on learn")).toBeVisible();
  await isOver(page);
  const bodies = sentBodies(simulator);
  expect(bodies).toHaveLength(2);
  for (const body of bodies) {
    expect(body).toMatchObject({ model: "gpt-5.5", background: true });
    expect((body["tools"] as { type: string }[]).map(({ type }) => type)).toEqual(["image_generation", "mcp"]);
  }
  await page.reload();
  await page.getByRole("button", { name: "Talk" }).click();
  await expect(region(page).getByRole("textbox", { name: "Say" })).toBeVisible();
  await expect(turns(page)).toHaveCount(0);
});

test("a new conversation leaves a request for approval behind", { tag: "@nightly" }, async ({ page, simulator }) => {
  await tool(page, "MCP server").check();
  await region(page)
    .getByRole("checkbox", { name: /In the background/ })
    .check();
  await send(page, "Search for lighthouses");
  await expect(approval(page, "search on learn")).toBeVisible();
  await isOver(page);
  await region(page).getByRole("button", { name: "New conversation" }).click();
  await expect(region(page).getByRole("button", { name: "Follow it" })).toHaveCount(0);
  await send(page, "Draw a lighthouse");
  await expect(turns(page).last().getByRole("button", { name: "Use as input" })).toBeVisible();
  await isOver(page);
  expect(sentBodies(simulator).at(-1)).not.toHaveProperty("previous_response_id");
});
