// Cases that hold for useImageGeneration of every framework. Each framework has an app with two sections, "one" and "other", that use it,
// and a section "painter" with the component of the README.

import { expect, type Locator, type Page } from "@playwright/test";
import type { Simulator } from "azure-image-simulator";
import { countUrls, isVisible, posts, test } from "./app.js";

export const section = (page: Page, name: string): Locator => page.getByRole("region", { name });

export const press = (place: Page | Locator, name: string): Promise<void> => place.getByRole("button", { name }).click();

/** Starts a call in a section. */
export async function generate(place: Locator, prompt: string): Promise<void> {
  await place.getByLabel("Prompt").fill(prompt);
  await press(place, "Generate");
}

/** Models of the requests that were sent. */
export const models = (simulator: Simulator): string[] => posts(simulator).map(({ body }) => (body as { model: string }).model);

export function defineGenerationCases(): void {
  test("a component shows previews, then the image, and revokes the URLs that it no longer shows", async ({ page, simulator }) => {
    const one = section(page, "one");
    await generate(one, "a lake [stall=before-completed] [times=1]");
    await expect(one.getByAltText("preview")).toHaveCount(1);
    expect(await isVisible(one.getByAltText("preview"))).toBe(true);
    await expect(one.getByRole("status")).toHaveText("running");
    await expect(one.getByLabel("Stage")).toHaveText("receiving");
    await expect(one.getByAltText("image")).toHaveCount(0);

    await generate(one, "a lake");
    await expect(one.getByRole("status")).toHaveText("succeeded");
    await expect(one.getByAltText("image")).toHaveCount(1);
    await expect(one.getByAltText("preview")).toHaveCount(0);
    expect(await isVisible(one.getByAltText("image"))).toBe(true);
    await expect(one.getByLabel("Outcome")).toHaveText("1 image");
    await expect(one.getByLabel("Tokens")).toHaveText(/^\d+$/);
    expect(await countUrls(page)).toBe(1);
    expect(posts(simulator)).toHaveLength(2);

    await press(one, "Edit");
    await expect.poll(() => simulator.requests.at(-1)?.path).toContain("edits");
    await expect(one.getByRole("status")).toHaveText("succeeded");
    expect(await isVisible(one.getByAltText("image"))).toBe(true);
    expect(await countUrls(page)).toBe(1);

    await press(one, "Reset");
    await expect(one.getByRole("status")).toHaveText("idle");
    expect(await countUrls(page)).toBe(0);
  });

  test("unmounting aborts the request and revokes every URL", async ({ page, simulator }) => {
    const [one, other] = [section(page, "one"), section(page, "other")];
    await generate(one, "a lake");
    await expect(one.getByAltText("image")).toHaveCount(1);
    await generate(other, "a wood [stall=before-completed]");
    await expect(other.getByAltText("preview")).toHaveCount(1);
    await press(page, "Mount");
    await expect(one).toHaveCount(0);
    await expect.poll(() => countUrls(page)).toBe(0);
    await simulator.requests.at(-1)?.closed;
    await press(page, "Mount");
    await expect(one.getByRole("status")).toHaveText("idle");
    await generate(one, "a lake");
    await expect(one.getByAltText("image")).toHaveCount(1);
  });

  test("an unmounted component sends nothing", async ({ page, simulator }) => {
    await press(page, "Mount");
    await expect(section(page, "one")).toHaveCount(0);
    expect(await page.evaluate(() => oneGenerate({ prompt: "a wood" }))).toBeUndefined();
    expect(posts(simulator)).toEqual([]);
  });

  test("a request that the page changes after the call is sent as it was", async ({ page, simulator }) => {
    await expect(section(page, "one")).toBeVisible();
    await page.evaluate(async () => {
      const request = { prompt: "a lake" };
      const generating = oneGenerate(request);
      request.prompt = "";
      await generating;
    });
    await expect(section(page, "one").getByRole("status")).toHaveText("succeeded");
    expect(posts(simulator).map(({ body }) => (body as { prompt: string }).prompt)).toEqual(["a lake"]);
  });

  test("cancelling keeps the finished images, a failure has its error, and the next call works", async ({ page, simulator }) => {
    const one = section(page, "one");
    await generate(one, "a lake [stall=before-completed]");
    await expect(one.getByAltText("preview")).toHaveCount(1);
    await press(one, "Cancel");
    await expect(one.getByRole("status")).toHaveText("cancelled");
    await expect(one.getByLabel("Outcome")).toHaveText("no result");
    await simulator.requests.at(-1)?.closed;
    expect(await countUrls(page)).toBe(0);

    await generate(one, "a lake [content-filter]");
    await expect(one.getByRole("alert")).toHaveText("content_filter");
    await expect(one.getByRole("status")).toHaveText("failed");

    await one.getByLabel("Number").fill("2");
    await generate(one, "a lake");
    await expect(one.getByRole("status")).toHaveText("succeeded");
    await expect(one.getByRole("alert")).toHaveCount(0);
    await expect(one.getByAltText("image")).toHaveCount(2);
    expect(await countUrls(page)).toBe(2);
  });

  test("a new call replaces the running one, and two components are independent", async ({ page, simulator }) => {
    const [one, other] = [section(page, "one"), section(page, "other")];
    await generate(other, "a wood");
    await generate(one, "a lake [stall=before-completed]");
    await expect(one.getByAltText("preview")).toHaveCount(1);
    await generate(one, "a sea");
    await expect(one.getByAltText("image")).toHaveCount(1);
    await expect(other.getByAltText("image")).toHaveCount(1);
    await expect(one.getByRole("alert")).toHaveCount(0);
    expect(await countUrls(page)).toBe(2);
    expect(posts(simulator)).toHaveLength(3);
  });
}

/** The words of the component of the README. */
export interface PainterWords {
  button: string;
  image: string;
}

/** Uses the component of the README. */
export async function expectPainter(page: Page, simulator: Simulator, { button, image }: PainterWords): Promise<void> {
  expect(simulator.requests).toEqual([]);
  const painter = section(page, "painter");
  await press(painter, button);
  await expect(painter.getByAltText(image)).toBeVisible();
  expect(await isVisible(painter.getByAltText(image))).toBe(true);
  await painter.getByRole("textbox").fill("a lake [stall=before-completed]");
  await press(painter, button);
  await expect(painter.getByAltText("a preview")).toBeVisible();
  await press(painter, "Cancel");
  await expect(painter.getByRole("button", { name: button })).toBeEnabled();
  await painter.getByRole("textbox").fill("a lake [content-filter]");
  await press(painter, button);
  await expect(painter.getByRole("status")).toContainText("The prompt was refused");
}

/** The component of the README, with the endpoint of the page's query and a token. */
export function runnable(component: string): string {
  return component
    .replace('"https://my-resource.openai.azure.com"', 'new URLSearchParams(location.search).get("endpoint")')
    .replace("my-image-deployment", "gpt-image-1")
    .replace("getToken", 'async () => "simulator-token"');
}

declare global {
  /** `generate` of the first component. */
  var oneGenerate: (request: { prompt: string }) => Promise<unknown>;
}
