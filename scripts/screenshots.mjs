// `npm run screenshots`: takes screenshots of the demo page, and the one of the README.

import { mkdir } from "node:fs/promises";
import { chromium } from "@playwright/test";
import sharp from "sharp";
import { build } from "./build.mjs";
import { ensureChromium, installedChromium } from "./chromium.mjs";
import { serve } from "./start.mjs";
import { main, path } from "./tools.mjs";

const FOLDER = path("target", "screenshots");
const README_PICTURE = path("www", "screenshot.png");

const LIGHT = { colorScheme: "light", viewport: { width: 1360, height: 900 } };
const DARK = { colorScheme: "dark", viewport: { width: 1360, height: 900 } };
const NARROW = { colorScheme: "light", viewport: { width: 360, height: 800 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
const WIDE = { colorScheme: "light", viewport: { width: 2560, height: 1300 } };

/** Each one in a separate window, by name. */
const SCREENSHOTS = {
  "picture-light": [LIGHT, makePicture],
  "picture-dark": [DARK, makePicture],
  "picture-narrow": [NARROW, makePicture, { fullPage: true }],
  "picture-narrow-dark": [{ ...NARROW, colorScheme: "dark" }, makePicture, { fullPage: true }],
  "picture-wide": [WIDE, makePicture],
  "picture-forced-colours": [{ ...LIGHT, forcedColors: "active" }, makePicture],
  "mid-stream": [DARK, seePreview],
  "mid-stream-narrow": [NARROW, seePreview],
  error: [LIGHT, fail],
  "error-dark": [DARK, fail],
  several: [LIGHT, makeSeveral],
  mask: [LIGHT, paintMask],
  "mask-narrow": [NARROW, paintMask],
  talk: [LIGHT, talk],
  "talk-narrow": [{ ...NARROW, colorScheme: "dark" }, talk],
  "talk-tools": [LIGHT, talkWithTools],
  "talk-tools-narrow": [{ ...NARROW, colorScheme: "dark" }, talkWithTools, { fullPage: true }],
  history: [DARK, openHistory],
  "under-the-hood": [LIGHT, lookUnderTheHood],
  connection: [LIGHT, testConnection, { fullPage: true }],
  options: [DARK, openOptions, { fullPage: true }],
};

const button = (page, name) => page.getByRole("button", { name });

async function makePicture(page, example = "Foggy forest") {
  await page.getByRole("radio", { name: "Wide" }).check();
  await button(page, example).click();
  await button(page, "Generate").click();
  await finished(page);
}

async function finished(page) {
  await page
    .locator("#status")
    .getByText(/^Finished/)
    .waitFor();
  await page.getByRole("img", { name: /^A / }).last().waitFor();
  await page.evaluate(async () => {
    await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
    scrollTo(0, 0);
  });
}

async function seePreview(page) {
  await page.getByRole("radio", { name: "Tall" }).check();
  await page.getByRole("textbox", { name: "Prompt", exact: true }).fill("A harbour city at night [stall=after-first-preview]");
  await button(page, "Generate").click();
  await page.getByRole("img", { name: /^Preview 1/ }).waitFor();
}

async function fail(page) {
  await page.getByRole("textbox", { name: "Prompt", exact: true }).fill("A pine forest in autumn fog [truncate=before-completed]");
  await button(page, "Generate").click();
  await page.getByRole("alert").getByRole("paragraph").waitFor();
}

async function makeSeveral(page) {
  await page.getByRole("spinbutton", { name: "Pictures" }).fill("4");
  await button(page, "Ringed planet").click();
  await button(page, "Generate").click();
  await page.locator('#calls [data-state="finished"]').nth(3).waitFor();
  await finished(page);
}

async function paintMask(page) {
  await makePicture(page, "Mountain lake");
  await button(page, "Use as input").click();
  await button(page, "Paint a mask").click();
  const { x, y, width, height } = await page.getByRole("application").boundingBox();
  await page.mouse.move(x + width * 0.3, y + height * 0.3);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.6, y + height * 0.25, { steps: 8 });
  await page.mouse.up();
}

async function talk(page) {
  await button(page, "Talk").click();
  const region = page.getByRole("region", { name: "Talk" });
  for (const [index, words] of ["Draw a lighthouse on a cliff", "Edit it: at night"].entries()) {
    await region.getByRole("textbox", { name: "Say" }).fill(words);
    await region.getByRole("button", { name: "Send" }).click();
    await region.getByRole("button", { name: "Use as input" }).nth(index).waitFor();
    await region.locator(".answer").nth(index).waitFor();
  }
}

async function talkWithTools(page) {
  await button(page, "Talk").click();
  const region = page.getByRole("region", { name: "Talk" });
  for (const name of ["Code interpreter", "MCP server"]) await region.getByRole("checkbox", { name }).check();
  const send = async (words) => {
    await region.getByRole("textbox", { name: "Say" }).fill(words);
    await region.getByRole("button", { name: "Send" }).click();
  };
  await send("Compute the squares from 1 to 5");
  await region.getByRole("button", { name: "Download squares.csv" }).waitFor();
  await region.getByRole("button", { name: "Stop", disabled: true }).waitFor();
  await send("Search for a lighthouse in the colors of this page");
  await region.getByRole("button", { name: "Approve" }).waitFor();
}

async function openHistory(page) {
  for (const example of ["Mountain lake", "City at night", "Foggy forest"]) await makePicture(page, example);
  await button(page, /^History/).click();
  await page.getByRole("region", { name: "History" }).getByRole("group").first().locator("summary").click();
}

async function lookUnderTheHood(page) {
  await makePicture(page);
  await button(page, "Under the hood").click();
}

async function testConnection(page) {
  await page.getByText("Connection", { exact: true }).click();
  await button(page, "Test the connection").click();
  await page.getByText("API version: works").waitFor();
}

async function openOptions(page) {
  for (const name of ["More options", "View code", "How to write one"]) await page.getByText(name, { exact: true }).click();
  await page.getByRole("radio", { name: "Other" }).check();
  await page.getByRole("textbox", { name: "Width x height" }).fill("1000x1000");
  await button(page, /^Use /).waitFor();
}

await main(async () => {
  await build();
  await ensureChromium();
  await mkdir(FOLDER, { recursive: true });
  let asked = 0;
  // The same images each time.
  const served = await serve({ port: 0, simulatorPort: 0, latencyInMs: 600, seed: () => String(++asked) });
  const browser = await chromium.launch({ executablePath: installedChromium(), args: ["--no-sandbox", "--disable-gpu"] });
  try {
    for (const [name, [window, act, options]] of Object.entries(SCREENSHOTS)) {
      const page = await browser.newPage({ reducedMotion: "reduce", ...window });
      await page.goto(served.address);
      await act(page);
      await page.screenshot({ path: `${FOLDER}/${name}.png`, ...options });
      await page.context().close();
      console.log(`target/screenshots/${name}.png`);
    }
    // A palette takes a third of the bytes, and nobody sees it.
    await sharp(`${FOLDER}/picture-light.png`).png({ palette: true, quality: 90 }).toFile(README_PICTURE);
  } finally {
    await browser.close();
    await served.close();
  }
});
