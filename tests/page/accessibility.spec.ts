import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import sharp from "sharp";
import { expect, generate, prompt, status, test } from "./fixtures.js";

/** What axe objects to, in the light and in the dark. */
async function violations(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const axe = new AxeBuilder({ page }).options({ resultTypes: ["violations"] });
    // All but the colours is the same in both.
    const { violations } = await (colorScheme === "dark" ? axe.withRules("color-contrast") : axe).analyze();
    found.push(...violations.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`));
  }
  return found;
}

async function finish(page: Page): Promise<void> {
  await generate(page).click();
  await expect(status(page)).toHaveText(/^Finished/);
}

async function meadow() {
  const image = sharp({ create: { width: 300, height: 200, channels: 3, background: "#3a7" } });
  return { name: "meadow.png", mimeType: "image/png", buffer: await image.png().toBuffer() };
}

/** What the page shows, and how it comes to show it. */
const VIEWS: Record<string, (page: Page) => Promise<void>> = {
  "before anything": async (page) => {
    for (const name of ["More options", "View code", "How to write one"]) await page.getByText(name, { exact: true }).click();
  },
  "with the connection tested": async (page) => {
    await page.getByRole("button", { name: "Test the connection" }).click();
    await expect(page.getByText("Deployment: works")).toBeVisible();
  },
  "while a picture is made": async (page) => {
    await prompt(page).fill("A fox in the snow [stall=after-first-preview]");
    await generate(page).click();
    await expect(status(page)).toHaveText(/^Preview 1 of 3/);
  },
  "with an error": async (page) => {
    await prompt(page).fill("A fox in the snow [truncate=before-completed]");
    await generate(page).click();
    await expect(page.getByRole("alert")).not.toBeEmpty();
  },
  "with a picture": finish,
  "with the history": async (page) => {
    await finish(page);
    await page.getByRole("button", { name: /^History/ }).click();
    await page
      .getByRole("region", { name: "History" })
      .getByText(/^1024 × 1024/)
      .click();
  },
  "with a conversation": async (page) => {
    await page.getByRole("button", { name: "Talk" }).click();
    await page.getByRole("textbox", { name: "Say" }).fill("Draw a lighthouse");
    await page.getByRole("button", { name: "Send" }).click();
    await expect(page.getByRole("region", { name: "Talk" }).getByRole("button", { name: "Use as input" })).toBeVisible();
    await page.getByRole("combobox", { name: "To the" }).selectOption("agent");
    await page.getByRole("textbox", { name: "Say" }).fill("Draw a lighthouse");
    await page.getByRole("button", { name: "Send" }).click();
    await expect(page.getByRole("button", { name: "Say it again" })).toBeVisible();
  },
  "with calls of tools": async (page) => {
    await page.getByRole("button", { name: "Talk" }).click();
    const talk = page.getByRole("region", { name: "Talk" });
    for (const name of ["Code interpreter", "Web search", "MCP server"]) await talk.getByRole("checkbox", { name }).check();
    const send = async (words: string) => {
      await talk.getByRole("textbox", { name: "Say" }).fill(words);
      await talk.getByRole("button", { name: "Send" }).click();
    };
    await send("Compute the latest squares");
    await expect(talk.getByRole("button", { name: "Stop" })).toBeDisabled();
    await talk.getByText("Code", { exact: true }).click();
    await expect(talk.getByRole("link", { name: "Example Domain" })).toBeVisible();
    await expect(talk.getByRole("button", { name: "Download squares.csv" })).toBeVisible();
    await send("Search for a lighthouse in the colors of this page");
    await expect(talk.getByRole("button", { name: "Approve" })).toBeVisible();
  },
  "with what is under the hood": async (page) => {
    await finish(page);
    await page.getByRole("button", { name: "Under the hood" }).click();
  },
  "with the form of another service": async (page) => {
    await page.getByRole("combobox", { name: "Its model" }).selectOption("FLUX.2-flex");
    await page.locator('input[type="file"]').setInputFiles([await meadow()]);
    await page.getByText("More options").click();
    await expect(page.getByRole("spinbutton", { name: "Seed" })).toBeVisible();
  },
  "with a mask": async (page) => {
    await page.locator('input[type="file"]').setInputFiles([await meadow()]);
    await page.getByRole("button", { name: "Paint a mask" }).click();
    await page.getByRole("application").press(" ");
  },
};

/** The views that are checked every day. */
const EVERYDAY = ["with a picture", "with calls of tools"];

for (const [view, show] of Object.entries(VIEWS)) {
  test(`axe finds nothing to object to, in the light and in the dark, ${view}`, {
    tag: EVERYDAY.includes(view) ? [] : "@nightly",
  }, async ({ page, consoleErrors }) => {
    await show(page);
    expect(await violations(page)).toEqual([]);
    // A probe of the connection is refused on purpose, which the browser reports.
    if (view === "with the connection tested") expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("400")]);
  });
}

test("nothing is cut off, from 320 to 2560 px", { tag: "@nightly" }, async ({ page }) => {
  await page.getByText("More options").click();
  await finish(page);
  await page.getByRole("button", { name: "Use as input" }).click();
  await page.getByRole("button", { name: "Talk" }).click();
  await page.getByRole("checkbox", { name: "MCP server" }).check();
  await page.getByRole("button", { name: "Picture", exact: true }).first().click();
  const cutOff = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const dialog = page.getByRole("dialog", { name: "Mask" });
  for (const width of [320, 360, 640, 900, 1024, 1100, 1360, 2560]) {
    await page.setViewportSize({ width, height: 900 });
    expect.soft(await cutOff(), `${width}`).toBeLessThanOrEqual(0);
    await page.getByRole("button", { name: "Paint a mask" }).click();
    expect.soft(await dialog.evaluate((element) => element.scrollWidth - element.clientWidth), `the mask at ${width}`).toBeLessThanOrEqual(0);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    for (const name of ["Talk", /^History/, "Under the hood", "Picture"]) {
      await page
        .getByRole("button", { name, ...(name === "Picture" && { exact: true }) })
        .first()
        .click();
      expect.soft(await cutOff(), `${name} at ${width}`).toBeLessThanOrEqual(0);
    }
  }
});

test("nothing is cut off, and all is at hand, at a zoom of 200 %", { tag: "@nightly" }, async ({ page }) => {
  // What a window of 1280 by 800 pixels leaves.
  await page.setViewportSize({ width: 640, height: 400 });
  await finish(page);
  for (const name of ["Talk", /^History/, "Under the hood"]) {
    await page.getByRole("button", { name }).click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  }
  // What has the focus does not hide behind what stays in place.
  for (const button of await page.locator("#request").getByRole("radio").all()) {
    await button.focus();
    const isCovered = () =>
      button.evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return document.elementFromPoint(left + width / 2, top + height / 2)?.closest(".actions") !== null;
      });
    await expect.poll(isCovered).toBe(false);
  }
});

test("forced colours leave every control an edge, and what is chosen in sight", { tag: "@nightly" }, async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await finish(page);
  // The system's colours replace the backgrounds: what is told by a colour alone is told no more.
  const colours = await page.getByRole("radio", { name: "Square" }).evaluate((radio) => {
    const chosen = getComputedStyle(radio.parentElement!).color;
    const other = getComputedStyle(radio.parentElement!.nextElementSibling!).color;
    return { chosen, other };
  });
  expect(colours.chosen).not.toBe(colours.other);
  const withoutEdge = await page.locator("button").evaluateAll((buttons) =>
    buttons
      .filter((button) => {
        const { borderTopStyle, borderTopWidth, textDecorationLine } = getComputedStyle(button);
        return !textDecorationLine.includes("underline") && (borderTopStyle === "none" || Number.parseFloat(borderTopWidth) === 0);
      })
      .map((button) => button.outerHTML),
  );
  expect(withoutEdge).toEqual([]);
});

test("nothing moves where motion is not wanted", { tag: "@nightly" }, async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await prompt(page).fill("A fox in the snow [stall=after-first-preview]");
  await generate(page).click();
  await expect(status(page)).toHaveText(/^Preview 1 of 3/);
  expect(await page.evaluate(() => document.getAnimations().filter(({ effect }) => Number(effect?.getTiming().duration) > 1).length)).toBe(0);
});

test.describe("by touch", () => {
  test.use({ hasTouch: true, viewport: { width: 390, height: 800 }, isMobile: true });

  test("a picture is made, and a mask painted with a finger", { tag: "@nightly" }, async ({ page, simulator }) => {
    await generate(page).tap();
    await expect(status(page)).toHaveText(/^Finished/);
    await page.getByRole("button", { name: "Use as input" }).tap();
    await page.getByRole("button", { name: "Paint a mask" }).tap();
    const canvas = page.getByRole("application");
    const { x, y, width, height } = (await canvas.boundingBox())!;
    const session = await page.context().newCDPSession(page);
    const lifted = Date.now() / 1000;
    // Slowly: right after a quick swipe, a browser takes a tap for what stops the scrolling.
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", part: number) =>
      session.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: type === "touchEnd" ? [] : [{ x: x + part * width, y: y + height / 2 }],
        timestamp: lifted + part - 1,
      });
    await touch("touchStart", 0.25);
    await touch("touchMove", 0.5);
    await touch("touchMove", 0.75);
    await touch("touchEnd", 1);
    await page.getByRole("button", { name: "Use the mask" }).tap();
    await expect(page.getByRole("button", { name: "Change the mask" })).toBeVisible();
    await generate(page).tap();
    await expect(status(page)).toHaveText(/^Finished/);
    await expect.poll(() => simulator.requests.at(-1)?.files?.map(({ field }) => field)).toEqual(["image", "mask"]);
  });
});

test("the progress is in a live region that stays, and a picture is told by its prompt", { tag: "@nightly" }, async ({ page }) => {
  await prompt(page).fill("A fox in the snow");
  const region = await status(page).elementHandle();
  for (const _ of ["first", "second"]) {
    await generate(page).click();
    await expect(status(page)).toHaveText(/^Finished/);
    expect(await region?.innerText()).toMatch(/^Finished/);
    expect(await region?.evaluate(({ isConnected }) => isConnected)).toBe(true);
  }
  await expect(page.getByRole("img", { name: "A fox in the snow", exact: true })).toBeVisible();
});
