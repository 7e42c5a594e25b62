import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { AzureImageClient } from "azure-image-client";
import sharp from "sharp";
import { findModel, type Model, MODELS, type Offer, offerOf, type Setting } from "../../www/src/make/models.js";
import { expect, generate, prompt, status, test } from "./fixtures.js";

const model = (page: Page) => page.getByRole("combobox", { name: "Its model" });
const hint = (page: Page) => page.locator("#model-hint");
const code = (page: Page) => page.locator(".code code");
const files = (page: Page) => page.locator('input[type="file"]');

const square = (channels: 3 | 4 = 3) =>
  sharp({ create: { width: 768, height: 768, channels, background: { r: 51, g: 170, b: 119, alpha: 0.5 } } })
    .png()
    .toBuffer();

/** Each value of each choice, as a part of a request. */
function choicesOf(offer: Offer): object[] {
  const names = ["size", "quality", "outputFormat", "background", "moderation"] as const;
  const values = (setting: Setting) => (setting === "switch" ? [true] : "min" in setting ? [setting.min, setting.max] : [...setting]);
  return [
    ...names.flatMap((name) => offer[name].map((value) => ({ [name]: value }))),
    ...offer.partialImages.map((value) => ({ partialImages: Number(value) })),
    ...(offer.outputCompression ? [{ outputFormat: "jpeg", outputCompression: 85 }] : []),
    ...(offer.otherSizes ? [{ size: "1024x768" }] : []),
    ...Object.entries(offer.options).flatMap(([name, setting]) => values(setting).map((value) => ({ [name]: value }))),
  ];
}

test("the page knows the models of the catalog, and offers nothing that the catalog rejects", async () => {
  const catalog = JSON.parse(await readFile(new URL("../../src/models/catalog.json", import.meta.url), "utf8")) as { models: object };
  const names = Object.keys(catalog.models).filter((name) => !name.includes("*") && name !== "chatgpt-image-latest");
  expect(MODELS.map(({ name }) => name).toSorted()).toEqual(names.toSorted());

  const image = new Blob([await square()], { type: "image/png" });
  const mask = new Blob([await square(4)], { type: "image/png" });
  const rejected: unknown[] = [];
  for (const { name, inputs, masks, ...rest } of MODELS) {
    const client = new AzureImageClient("https://my-resource.services.ai.azure.com", null, { deployment: "images", model: name });
    const errors = async (request: object) => {
      const problems = await client.validate({ prompt: "A fox", ...request }, { streamed: rest.partialImages.length > 0 });
      return problems.filter(({ severity }) => severity === "error").map(({ message }) => message);
    };
    const row: Model = { name, inputs, masks, ...rest };
    for (const choice of choicesOf(offerOf(row, false))) rejected.push(...(await errors(choice)));
    const some = (count: number) => Array.from({ length: count }, () => image);
    if (inputs > 0) for (const choice of choicesOf(offerOf(row, true))) rejected.push(...(await errors({ ...choice, image: some(inputs) })));
    // The limits are those of the catalog.
    expect(await errors({ image: some(inputs + 1) }), name).not.toEqual([]);
    if (inputs > 0) expect((await errors({ image, mask })).length === 0, name).toBe(masks);
    const warnings = await client.validate({ prompt: "A fox" }, { streamed: true });
    expect(
      warnings.some(({ param }) => param === "stream"),
      name,
    ).toBe(rest.partialImages.length === 0);
  }
  expect(rejected).toEqual([]);
});

test("a deployment that is not named after a model has every option of its service", () => {
  expect(findModel("my-images")).toMatchObject({ service: "openai", masks: true, inputs: 16, quality: expect.arrayContaining(["xhigh", "max"]) });
  expect(findModel("mai-image-for-us")).toMatchObject({ service: "mai", name: "" });
  expect(findModel("flux-edit")).toMatchObject({ service: "flux", name: "" });
  expect(findModel("GPT-Image-2")).toMatchObject({ name: "gpt-image-2" });
});

test("the form of a MAI model has what the model supports, and generates with it", async ({ page, simulator }) => {
  await expect(hint(page)).toHaveText("Streams, masks, up to 16 input images, transparency.");
  await page.getByText("More options").click();
  await page.getByRole("radio", { name: "X-high" }).check();
  await page.getByRole("radio", { name: "JPEG" }).check();
  await page.getByRole("radio", { name: "Wide" }).check();

  await model(page).selectOption("MAI-Image-2.6");
  await expect(hint(page)).toHaveText("One PNG per request, up to 5 input images, no streaming.");
  await expect(page.getByRole("textbox", { name: "Deployment" })).toHaveValue("MAI-Image-2.6");
  for (const name of ["Quality", "Previews", "Format", "Background", "Moderation"]) {
    await expect(page.getByRole("group", { name, exact: true })).toHaveCount(0);
  }
  // The wide size of the other model went away with it.
  await expect(page.getByRole("radio", { name: "Square" })).toBeChecked();
  await page.getByRole("radio", { name: "Wide" }).check();
  await page.getByText("View code").click();
  await expect(code(page)).toContainText('model: "MAI-Image-2.6"');
  await page.getByRole("button", { name: "curl" }).click();
  await expect(code(page)).toContainText(`${simulator.url}/mai/v1/images/generations'`);

  await prompt(page).fill("A fox in the snow");
  await generate(page).click();
  await expect(status(page)).toHaveText(/^Finished/);
  await expect(page.getByText("1248 × 832", { exact: true })).toBeVisible();
  const { path, body } = simulator.requests.at(-1) ?? {};
  expect(path).toBe("/mai/v1/images/generations");
  expect(body).toEqual({ model: "MAI-Image-2.6", prompt: "A fox in the snow", width: 1248, height: 832 });

  await model(page).selectOption("gpt-image-2.5-flare");
  await expect(page.getByRole("radio", { name: "X-high" })).not.toBeChecked();
  await expect(page.getByRole("radio", { name: "3", exact: true })).toBeChecked();
});

test("the form of a FLUX model has the options of the service, and says why there is no mask", async ({ page, simulator }) => {
  const buffer = await square();
  await files(page).setInputFiles(["one.png", "two.png"].map((name) => ({ name, mimeType: "image/png", buffer })));
  await page.getByRole("button", { name: "Paint a mask" }).click();
  await page.getByRole("application").press(" ");
  await page.getByRole("button", { name: "Use the mask" }).click();

  await model(page).selectOption("FLUX.2-flex");
  const change = page.getByRole("button", { name: "Change the mask" });
  await expect(change).toBeDisabled();
  await expect(change).toHaveAccessibleDescription("FLUX.2-flex takes no mask. Describe the area to change in the prompt.");
  await page.getByText("More options").click();
  await page.getByRole("radio", { name: "JPEG" }).check();
  await expect(page.getByRole("spinbutton", { name: "Compression, 0 to 100" })).toHaveCount(0);
  await page.getByRole("spinbutton", { name: "Seed" }).fill("7");
  await page.getByRole("spinbutton", { name: "Guidance" }).fill("3.5");
  await page.getByRole("checkbox", { name: "Extend the prompt" }).check();
  await generate(page).click();
  await expect(status(page)).toHaveText(/^Finished/);
  const { path, body } = simulator.requests.at(-1) ?? {};
  expect(path).toBe("/providers/blackforestlabs/v1/flux-2-flex");
  expect(body).toMatchObject({ n: 1, width: 1024, height: 1024, output_format: "jpeg", seed: 7, guidance: 3.5, prompt_upsampling: true });
  expect(Object.keys(body as object)).toEqual(expect.arrayContaining(["input_image", "input_image_2"]));
  expect(body).not.toHaveProperty("steps");
});

test("what the chosen model does not have is not sent", { tag: "@nightly" }, async ({ page, simulator }) => {
  const buffer = await square();
  const last = () => simulator.requests.at(-1);
  const make = async () => {
    const before = simulator.requests.length;
    await generate(page).click();
    await expect.poll(() => simulator.requests.length).toBeGreaterThan(before);
    await expect(status(page)).toHaveText(/^Finished/);
  };
  await files(page).setInputFiles(["one.png", "two.png"].map((name) => ({ name, mimeType: "image/png", buffer })));

  // One of the two images, and the shape instead of the size.
  await model(page).selectOption("FLUX.1-Kontext-pro");
  await expect(page.getByText("FLUX.1-Kontext-pro takes one input image. Only the first is sent.")).toBeVisible();
  await expect(page.getByRole("group", { name: "Size" })).toHaveCount(0);
  await page.getByText("More options").click();
  await page.getByRole("combobox", { name: "Aspect ratio" }).selectOption("16:9");
  await make();
  expect(last()?.body).toMatchObject({ aspect_ratio: "16:9" });
  for (const name of ["width", "input_image_2"]) expect(last()?.body).not.toHaveProperty(name);

  // None of them.
  await model(page).selectOption("FLUX-1.1-pro");
  await expect(page.getByText("FLUX-1.1-pro takes no input images. They are not sent.")).toBeVisible();
  await expect(files(page)).toBeDisabled();
  await make();
  for (const name of ["input_image", "aspect_ratio"]) expect(last()?.body).not.toHaveProperty(name);

  // An edit of MAI keeps the shape of its image.
  await model(page).selectOption("MAI-Image-2.6");
  await expect(page.getByRole("group", { name: "Size" })).toHaveCount(0);
  await expect(page.getByRole("checkbox", { name: "Let the model choose the size" })).toHaveCount(0);
  await page.getByRole("checkbox", { name: "Search the web (slow)" }).check();
  await make();
  expect(last()).toMatchObject({ path: "/mai/v1/images/edits", body: { web_grounding: "True" } });
  expect(last()?.files?.map(({ field }) => field)).toEqual(["image", "image"]);
  expect(last()?.body).not.toHaveProperty("width");

  // The model chooses the size.
  for (const name of ["one.png", "two.png"]) await page.getByRole("button", { name: `Remove ${name}` }).click();
  await page.getByRole("checkbox", { name: "Let the model choose the size" }).check();
  await expect(page.getByRole("radio", { name: "Wide" })).toBeDisabled();
  await make();
  expect(last()?.body).toMatchObject({ auto_aspect_ratio: true });
  expect(last()?.body).not.toHaveProperty("width");
  await page.getByRole("checkbox", { name: "Let the model choose the size" }).uncheck();
  await make();
  expect(last()?.body).toMatchObject({ width: 1024 });
});

test("the models are listed by service, the retired ones last", { tag: "@nightly" }, async ({ page }) => {
  const groups = page.locator("#connection optgroup");
  await expect
    .poll(() => groups.evaluateAll((list) => list.map((group) => (group as HTMLOptGroupElement).label)))
    .toEqual(["Azure OpenAI", "Microsoft AI", "Black Forest Labs"]);
  for (const group of await groups.all()) {
    const marks = (await group.locator("option").allTextContents()).map((text) => text.endsWith("(retired)"));
    expect(marks).toEqual(marks.toSorted((one, other) => Number(one) - Number(other)));
    expect(marks[0]).toBe(false);
  }
  await model(page).selectOption("MAI-Image-2.5");
  await expect(hint(page)).toContainText("Retired: requests may fail.");
  // The name of one's own deployment stays.
  await page.getByRole("textbox", { name: "Deployment" }).fill("my-images");
  await model(page).selectOption("FLUX.2-pro");
  await expect(page.getByRole("textbox", { name: "Deployment" })).toHaveValue("my-images");
  await model(page).selectOption("");
  await expect(hint(page)).toHaveText("The model is unknown: everything that Azure OpenAI has is offered.");
});
