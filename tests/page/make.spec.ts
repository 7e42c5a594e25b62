import type { Page } from "@playwright/test";
import type { Simulator } from "azure-image-simulator";
import sharp from "sharp";
import { cancel, expect, generate, prompt, status, test } from "./fixtures.js";

const PICTURE = await sharp({ create: { width: 64, height: 64, channels: 3, background: "#336699" } })
  .png()
  .toBuffer();

test("shows the previews, then the picture, and offers it under a telling name", async ({ page, simulator }) => {
  await prompt(page).fill("A fox in the snow, at dusk");
  await page.getByRole("radio", { name: "Wide" }).check();
  await page.getByRole("radio", { name: "2", exact: true }).check();
  await generate(page).click();

  await expect(status(page)).toHaveText(/^Finished in \d+\.\d s\.$/);
  await expect(page.getByRole("img", { name: "A fox in the snow, at dusk", exact: true })).toBeVisible();
  await expect(page.getByRole("img", { name: /Preview/ })).toHaveCount(0);
  await expect(page.getByText("1536 × 1024", { exact: true })).toBeVisible();
  await expect(page.getByText(/^image\/png, \d/)).toBeVisible();

  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  expect((await downloading).suggestedFilename()).toBe("a-fox-in-the-snow-at-dusk.png");
  expect(simulator.requests.at(-1)?.body).toMatchObject({ model: "gpt-image-2.5-flare", size: "1536x1024", partial_images: 2, stream: true });

  await page.getByRole("button", { name: "Preview 1 of 2" }).click();
  await expect(page.getByRole("img", { name: "Preview 1 of 2: A fox in the snow, at dusk" })).toBeVisible();
});

test("cancels calmly, and closes the connection", { tag: "@nightly" }, async ({ page, simulator }) => {
  await prompt(page).fill("A fox in the snow [stall=after-first-preview]");
  await generate(page).click();
  await expect(status(page)).toHaveText("Preview 1 of 3. The next one is being made…");
  await cancel(page).click();
  await expect(status(page)).toHaveText(/^Cancelled after/);
  await expect(page.getByRole("alert")).toBeEmpty();
  await expect(page.getByRole("img", { name: /^Preview 1 of 3/ })).toBeVisible();
  await expect(generate(page)).toBeFocused();
  await expect(cancel(page)).toBeDisabled();
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("tells a failure in words, and leaves the last preview labelled as one", { tag: "@nightly" }, async ({ page }) => {
  await prompt(page).fill("A fox in the snow [truncate=before-completed]");
  await generate(page).click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("stream_truncated");
  await expect(alert).toContainText("may have been billed");
  await expect(alert.getByRole("paragraph")).toHaveText(/\w+\.$/);
  await expect(page.getByRole("img", { name: /^Preview 3 of 3/ })).toBeVisible();
  await expect(page.getByRole("link", { name: "Download" })).toBeHidden();
});

test("waits for a busy deployment in sight of the person, and then shows the picture", { tag: "@nightly" }, async ({ page, consoleErrors }) => {
  await page.getByRole("textbox", { name: "Prompt" }).fill("a lake [status=429] [retry-after=2] [times=1]");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(status(page)).toHaveText("The deployment is busy. Waiting for try 2…");
  await expect(page.locator("#clock")).toContainText(/^next try in [12] s · /);
  await expect(status(page)).toContainText("Finished");
  // The browser itself reports the refused request.
  expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("429")]);
});

test("works with the keyboard alone", { tag: "@nightly" }, async ({ page }) => {
  await prompt(page).focus();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("A fox in the snow [stall=after-first-preview]");
  await page.keyboard.press("Control+Enter");
  await expect(status(page)).toHaveText(/^Preview 1 of 3/);
  await page.keyboard.press("Escape");
  await expect(status(page)).toHaveText(/^Cancelled/);
  await expect(prompt(page)).toBeFocused();

  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(prompt(page)).toHaveValue(/^A mountain lake/);
  await generate(page).focus();
  await page.keyboard.press("Enter");
  await expect(status(page)).toHaveText(/^Finished/);
  await expect(generate(page)).toBeFocused();
  for (const name of ["Picture", "Talk", /^History/, "Under the hood", "Preview 1 of 3"]) {
    await page.keyboard.press("Tab");
    await expect(page.getByRole("button", { name, ...(name === "Picture" && { exact: true }) }).first()).toBeFocused();
  }
  await page.keyboard.press("Enter");
  await expect(page.getByRole("img", { name: /^Preview 1 of 3/ })).toBeVisible();
});

test("holds no more object URLs than one for each picture and those of the previews in sight", { tag: "@nightly" }, async ({ page }) => {
  const liveObjectUrls = () => page.evaluate(() => globalThis.liveObjectUrls.size);
  await page.getByRole("radio", { name: "Tall" }).check();
  const words = ["", "", "[truncate=before-completed]", ""];
  let pictures = 0;
  for (const [index, scenario] of words.entries()) {
    await prompt(page).fill(`Fox number ${index} ${scenario}`);
    await generate(page).click();
    if (scenario === "") await expect(page.getByRole("img", { name: `Fox number ${index}`, exact: true })).toBeVisible();
    else await expect(page.getByRole("alert")).not.toBeEmpty();
    await expect(cancel(page)).toBeDisabled();
    if (scenario === "") pictures += 1;
    await expect.poll(liveObjectUrls).toBe(pictures + 3);
  }
});

test.describe("several pictures", () => {
  const calls = (page: Page) => page.getByRole("list", { name: "Pictures of this visit" }).getByRole("listitem");

  test("are made at the same time; one is cancelled, then all", { tag: "@nightly" }, async ({ page, simulator }) => {
    await page.getByRole("spinbutton", { name: "Pictures" }).fill("3");
    await prompt(page).fill("A fox in the snow [stall=after-first-preview]");
    await generate(page).click();
    await expect(calls(page)).toHaveText([/3: being made/, /2: being made/, /1: being made/]);
    await expect.poll(() => simulator.activeRequests).toBe(3);
    await page.getByRole("button", { name: "Cancel picture 2" }).click();
    await expect(calls(page).nth(1)).toHaveText(/2: cancelled/);
    await expect.poll(() => simulator.activeRequests).toBe(2);
    await page.getByRole("button", { name: "Cancel all 2" }).click();
    await expect(calls(page)).toHaveText([/3: cancelled/, /2: cancelled/, /1: cancelled/]);
    await expect.poll(() => simulator.activeRequests).toBe(0);
  });

  test("only the one that failed is tried again", { tag: "@nightly" }, async ({ page, simulator, consoleErrors }) => {
    await page.getByRole("spinbutton", { name: "Pictures" }).fill("2");
    await prompt(page).fill("A fox in the snow [status=400] [times=1]");
    await generate(page).click();
    await expect(calls(page).filter({ hasText: "finished" })).toHaveCount(1);
    await calls(page).filter({ hasText: "failed" }).getByRole("button").click();
    await expect(page.getByRole("alert")).not.toBeEmpty();
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(calls(page).filter({ hasText: "finished" })).toHaveCount(2);
    expect(simulator.requests.filter(({ method }) => method === "POST")).toHaveLength(3);
    expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("400")]);
  });
});

test.describe("the catalog", () => {
  const model = (page: Page) => page.getByRole("combobox", { name: "Its model" });

  test("puts a free size right", { tag: "@nightly" }, async ({ page, simulator }) => {
    await model(page).selectOption("gpt-image-2");
    await page.getByRole("radio", { name: "Other" }).check();
    await page.getByRole("textbox", { name: "Width x height" }).fill("2048x1155");
    await expect(page.getByText("width and height must be multiples of 16")).toBeVisible();
    await page.getByRole("button", { name: "Use 2048x1152" }).click();
    await expect(page.getByText("width and height must be multiples of 16")).toBeHidden();
    await generate(page).click();
    await expect(page.getByText("2048 × 1152", { exact: true })).toBeVisible();
    expect(simulator.requests.at(-1)?.body).toMatchObject({ size: "2048x1152" });
  });

  test("makes a size of a ratio and an edge, and takes the nearest that is legal", { tag: "@nightly" }, async ({ page }) => {
    await page.getByRole("radio", { name: "Other" }).check();
    const size = page.getByRole("textbox", { name: "Width x height" });
    for (const [ratio, edge, legal] of [
      ["9:16", "2048", "1152x2048"],
      ["21:9", "2048", "2048x880"],
      // More than the 8,294,400 pixels that the model makes.
      ["1:1", "3840", "2880x2880"],
    ] as const) {
      await page.getByRole("combobox", { name: "Ratio" }).selectOption(ratio);
      await page.getByRole("combobox", { name: "Long edge" }).selectOption(edge);
      await expect(size).toHaveValue(legal);
    }
  });

  test("lets DALL·E make its picture, which it does not stream", { tag: "@nightly" }, async ({ page, simulator }) => {
    await page.getByRole("textbox", { name: "Deployment" }).fill("dall-e-3");
    await model(page).selectOption("dall-e-3");
    await page.getByRole("radio", { name: "HD" }).check();
    await generate(page).click();
    await expect(status(page)).toHaveText(/^Finished/);
    await expect(page.getByText("1024 × 1024", { exact: true })).toBeVisible();
    await expect(page.getByText("Prompt as revised")).toBeVisible();
    const { body } = simulator.requests.at(-1) ?? {};
    expect(body).toMatchObject({ model: "dall-e-3", quality: "hd" });
    expect(body).not.toHaveProperty("stream");
  });

  test("tells the cost before and after", { tag: "@nightly" }, async ({ page }) => {
    await model(page).selectOption("gpt-image-2");
    await page.getByRole("radio", { name: "High" }).check();
    await expect(page.getByText(/^About \$0\.\d+ for what is drawn/)).toBeVisible();
    await generate(page).click();
    await expect(page.getByText(/^about \$0\.\d+$/)).toBeVisible();
  });
});

test("sends every option that is chosen", { tag: "@nightly" }, async ({ page, simulator }) => {
  await page.getByText("More options").click();
  await page.getByRole("radio", { name: "WebP" }).check();
  await page.getByRole("spinbutton", { name: "Compression, 0 to 100" }).fill("60");
  await page.getByRole("radio", { name: "Opaque" }).check();
  await page.getByRole("radio", { name: "Less strict" }).check();
  await page.getByRole("radio", { name: "Low", exact: true }).check();
  await generate(page).click();
  await expect(page.getByText(/^image\/webp, \d/)).toBeVisible();
  expect(simulator.requests.at(-1)?.body).toMatchObject({
    output_format: "webp",
    output_compression: 60,
    background: "opaque",
    moderation: "low",
    quality: "low",
  });
});

test("shows the call as code in three languages, without the secret", { tag: "@nightly" }, async ({ page, simulator }) => {
  await page.getByRole("textbox", { name: "API key" }).fill("a-key-that-nobody-may-see");
  await prompt(page).fill("A fox's den");
  await page.getByText("View code").click();
  const code = page.locator(".code code");
  await expect(code).toContainText("client.generateStream({");
  await expect(code).toContainText('prompt: "A fox\'s den"');
  await page.getByRole("button", { name: "curl" }).click();
  await expect(code).toContainText(`${simulator.url}/openai/v1/images/generations`);
  await expect(code).toContainText("A fox'\\''s den");
  await page.getByRole("button", { name: "Python" }).click();
  await expect(code).toContainText("client.images.generate(");
  expect(await page.locator("body").innerText()).not.toContain("a-key-that-nobody-may-see");
});

test("a key that is held down makes one picture, and Escape in another field cancels none", { tag: "@nightly" }, async ({ page, simulator }) => {
  await prompt(page).fill("A fox in the snow [stall=after-first-preview]");
  await page.keyboard.down("Control");
  for (const _ of ["pressed", "repeated", "repeated"]) await page.keyboard.down("Enter");
  await page.keyboard.up("Enter");
  await page.keyboard.up("Control");
  await expect(status(page)).toHaveText(/^Preview 1 of 3/);
  await page.getByRole("button", { name: /^History/ }).click();
  await page.getByRole("searchbox", { name: "Filter by prompt" }).press("Escape");
  expect(simulator.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  expect(simulator.activeRequests).toBe(1);
  await prompt(page).press("Escape");
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("a second try goes over the connection as it is by then", { tag: "@nightly" }, async ({ page, simulator, consoleErrors }) => {
  const key = page.getByRole("textbox", { name: "API key" });
  await key.fill("not-the-key");
  await generate(page).click();
  await expect(page.getByRole("alert")).toContainText("HTTP 401");
  await key.fill("simulator-key");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(generate(page)).toBeFocused();
  await expect(status(page)).toHaveText(/^Finished/);
  expect(simulator.requests.at(-1)?.headers["api-key"]).toBe("simulator-key");
  expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("401")]);
});

test("what is wrong is shown where it is folded away, and what a model took with it is chosen anew", { tag: "@nightly" }, async ({
  page,
  simulator,
}) => {
  await page.getByText("More options").click();
  await page.getByRole("radio", { name: "JPEG" }).check();
  await page.getByRole("spinbutton", { name: "Compression, 0 to 100" }).fill("500");
  await page.getByText("More options").click();
  await generate(page).click();
  await expect(page.getByRole("spinbutton", { name: "Compression, 0 to 100" })).toBeFocused();
  await page.getByRole("spinbutton", { name: "Compression, 0 to 100" }).fill("50");
  const model = page.getByRole("combobox", { name: "Its model" });
  await model.selectOption("dall-e-3");
  await page.getByRole("radio", { name: "1792×1024" }).check();
  await page.getByRole("radio", { name: "HD" }).check();
  await model.selectOption("gpt-image-2");
  await expect(page.getByRole("radio", { name: "Square" })).toBeChecked();
  await generate(page).click();
  await expect(status(page)).toHaveText(/^Finished/);
  expect(simulator.requests.at(-1)?.body).toMatchObject({ size: "1024x1024", quality: "auto" });
});

test.describe("one wish is one request", () => {
  const posts = (simulator: Simulator) => simulator.requests.filter(({ method }) => method === "POST");
  const acts: readonly [what: string, act: (page: Page) => Promise<unknown>][] = [
    ["a double click", (page) => generate(page).dblclick()],
    ["three clicks", (page) => generate(page).click({ clickCount: 3 })],
    [
      "two clicks in one frame",
      (page) =>
        generate(page).evaluate((button: HTMLButtonElement) => {
          button.click();
          button.click();
        }),
    ],
    [
      "Enter twice",
      async (page) => {
        await generate(page).press("Enter");
        await generate(page).press("Enter");
      },
    ],
    [
      "Ctrl+Enter, then a click",
      async (page) => {
        await prompt(page).press("Control+Enter");
        await generate(page).click();
      },
    ],
    [
      "a click while the first call runs",
      async (page) => {
        await generate(page).click();
        await expect(status(page)).toHaveText(/^Preview 1 of 3/);
        await generate(page).click();
      },
    ],
  ];
  for (const [what, act] of acts) {
    test(what, async ({ page, simulator }) => {
      await prompt(page).fill("A fox in the snow [stall=after-first-preview]");
      await act(page);
      await expect(status(page)).toHaveText(/^Preview 1 of 3/);
      expect(posts(simulator)).toHaveLength(1);
      // Another wish is another request, also while the first one runs.
      await prompt(page).fill("A fox in the rain [stall=after-first-preview]");
      await generate(page).click();
      await expect.poll(() => posts(simulator).length).toBe(2);
      // The same wish may be repeated as soon as its call is over.
      await page.keyboard.press("Escape");
      await expect(page.locator("#cancel")).toBeDisabled();
      await generate(page).click();
      await expect.poll(() => posts(simulator).length).toBe(3);
      await page.keyboard.press("Escape");
      await expect(page.locator("#cancel")).toBeDisabled();
    });
  }

  test("a double click on an edit, and one whose call ends at once", async ({ page, simulator, consoleErrors }) => {
    await page.locator("input[type=file]").first().setInputFiles({ name: "a.png", mimeType: "image/png", buffer: PICTURE });
    await prompt(page).fill("A fox in the snow [stall=after-first-preview]");
    await generate(page).dblclick();
    await expect(status(page)).toHaveText(/^Preview 1 of 3/);
    expect(posts(simulator).map(({ path }) => path)).toEqual(["/openai/v1/images/edits"]);
    await page.keyboard.press("Escape");
    await expect(page.locator("#cancel")).toBeDisabled();
    await prompt(page).fill("A fox in the snow [status=400]");
    await generate(page).dblclick({ delay: 100 });
    await expect(page.getByRole("alert")).toContainText("HTTP 400");
    expect(posts(simulator)).toHaveLength(2);
    expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("400")]);
  });
});
