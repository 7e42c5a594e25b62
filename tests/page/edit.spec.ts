import type { Page } from "@playwright/test";
import sharp from "sharp";
import { expect, generate, prompt, status, test } from "./fixtures.js";

test.describe("an edit", () => {
  const picture = async (width = 96, height = 64) => ({
    name: "meadow.png",
    mimeType: "image/png",
    buffer: await sharp({ create: { width, height, channels: 3, background: "#3a7" } })
      .png()
      .toBuffer(),
  });
  const list = (page: Page) => page.getByRole("list", { name: "Pictures to work from" }).getByRole("listitem");

  test("works from pictures that are picked, dropped, pasted, or were made before", { tag: "@nightly" }, async ({ page, simulator }) => {
    const { buffer } = await picture();
    await page.locator('input[type="file"]').setInputFiles([await picture(), await picture()]);
    await expect(list(page)).toHaveCount(2);
    for (const kind of ["drop", "paste"]) {
      await page.evaluate(
        ([kind, base64]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([Uint8Array.fromBase64(base64)], `${kind}.png`, { type: "image/png" }));
          const init = { bubbles: true, cancelable: true };
          document.body.dispatchEvent(
            kind === "drop"
              ? new DragEvent("drop", { ...init, dataTransfer: transfer })
              : new ClipboardEvent("paste", { ...init, clipboardData: transfer }),
          );
        },
        [kind, buffer.toString("base64")] as const,
      );
    }
    await expect(list(page)).toHaveCount(4);
    await page.getByRole("button", { name: "Remove drop.png" }).click();
    await prompt(page).fill("A fox on it");
    await generate(page).click();
    await expect(status(page)).toHaveText(/^Finished/);
    expect(simulator.requests.at(-1)?.path).toContain("/images/edits");
    await page.getByRole("button", { name: "Use as input" }).click();
    await expect(list(page)).toHaveCount(4);
    await expect(list(page).last().getByRole("img")).toHaveAccessibleName("a-fox-on-it.png");
  });

  test("changes what is painted, with the pointer and with the keyboard, and nothing else", async ({ page, simulator }) => {
    await page.locator('input[type="file"]').setInputFiles([await picture(1024, 1024)]);
    await page.getByRole("button", { name: "Paint a mask" }).click();
    const dialog = page.getByRole("dialog", { name: "Mask" });
    const canvas = dialog.getByRole("application");
    const box = (await canvas.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.2, { steps: 4 });
    await page.mouse.up();
    await canvas.focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press(" ");
    // Of a copy: a canvas that is read is put into slower memory.
    const painted = () =>
      canvas.evaluate((canvas: HTMLCanvasElement) => {
        const context = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true })!;
        context.drawImage(canvas, 0, 0);
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        return data.reduce((sum, value, index) => sum + (index % 4 === 3 && value === 255 ? 1 : 0), 0);
      });
    // A dot of 80 pixels in the middle, and the stroke.
    const dot = Math.PI * 40 ** 2;
    const stroke = 0.2 * 1024 * 80 + dot;
    const near = (pixels: number) => expect.poll(async () => Math.abs((await painted()) - pixels)).toBeLessThan(0.05 * 1024 * 80);
    await near(stroke + dot);
    await dialog.getByRole("button", { name: "Undo" }).click();
    await near(stroke);
    await dialog.getByRole("button", { name: "Redo" }).click();
    await near(stroke + dot);
    await dialog.getByRole("button", { name: "Invert" }).click();
    await near(1024 * 1024 - stroke - dot);
    await dialog.getByRole("button", { name: "Clear" }).click();
    await near(0);
    await dialog.getByRole("button", { name: "Undo" }).click();
    await dialog.getByRole("button", { name: "Undo" }).click();
    await dialog.getByRole("button", { name: "Eraser" }).click();
    await canvas.focus();
    await page.keyboard.press(" ");
    await near(stroke);
    await dialog.getByRole("button", { name: "Use the mask" }).click();
    await expect(dialog).toBeHidden();

    await prompt(page).fill("A red balloon");
    await generate(page).click();
    await expect(status(page)).toHaveText(/^Finished/);
    const [inside, outside] = await page.getByRole("img", { name: "A red balloon", exact: true }).evaluate(async (image: HTMLImageElement) => {
      await image.decode();
      const context = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext("2d", { willReadFrequently: true })!;
      context.drawImage(image, 0, 0);
      return [context.getImageData(307, 205, 1, 1).data.join(), context.getImageData(900, 900, 1, 1).data.join()];
    });
    expect(outside).toBe("51,170,119,255");
    expect(inside).not.toBe(outside);
    expect(simulator.requests.at(-1)?.path).toContain("/images/edits");

    // Before and after.
    await page.getByRole("slider", { name: "Before" }).fill("50");
    await expect(page.getByRole("img", { name: "Before: A red balloon" })).toBeVisible();
    await page.getByRole("slider", { name: "Before" }).fill("0");
    await expect(page.getByRole("img", { name: "Before: A red balloon" })).toHaveCount(0);
  });

  test("changes the painted part of a photo that its Exif orientation rotates", async ({ page, simulator }) => {
    // Displayed as 1024 × 1536: red above blue.
    const displayed = sharp({ create: { width: 1024, height: 1536, channels: 3, background: "#c03020" } }).composite([
      { input: { create: { width: 1024, height: 768, channels: 3, background: "#2030c0" } }, left: 0, top: 768 },
    ]);
    const stored = await sharp(await displayed.png().toBuffer())
      .rotate(270)
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
      .toBuffer();
    expect(await sharp(stored).metadata()).toMatchObject({ width: 1536, height: 1024, orientation: 6 });
    await page.locator('input[type="file"]').setInputFiles([{ name: "photo.jpg", mimeType: "image/jpeg", buffer: stored }]);
    await page.getByRole("button", { name: "Paint a mask" }).click();
    const dialog = page.getByRole("dialog", { name: "Mask" });
    const canvas = dialog.getByRole("application");
    await expect(canvas).toHaveJSProperty("width", 1024);
    await expect(canvas).toHaveJSProperty("height", 1536);
    // The middle is left alone; the top left corner of the displayed photo is painted.
    const box = (await canvas.boundingBox())!;
    await dialog.getByRole("slider", { name: "Size" }).fill("200");
    await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.1);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.1, { steps: 4 });
    await page.mouse.up();
    await dialog.getByRole("button", { name: "Use the mask" }).click();
    await expect(dialog).toBeHidden();
    await page.locator('input[name="size"][value="1024x1536"]').check();
    await prompt(page).fill("A green balloon");
    await generate(page).click();
    await expect(status(page)).toHaveText(/^Finished/);

    const post = simulator.requests.at(-1);
    expect(post?.path).toContain("/images/edits");
    expect(post?.files?.map(({ contentType }) => contentType)).toEqual(["image/jpeg", "image/png"]);
    const result = await page.getByRole("img", { name: "A green balloon", exact: true }).evaluate(async (image: HTMLImageElement) => {
      await image.decode();
      const context = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext("2d", { willReadFrequently: true })!;
      context.drawImage(image, 0, 0);
      const at = (x: number, y: number) => [...context.getImageData(x, y, 1, 1).data.slice(0, 3)];
      const [painted, beside, below] = [at(307, 154), at(900, 154), at(307, 1400)];
      return { width: image.naturalWidth, height: image.naturalHeight, painted, beside, below };
    });
    const distance = (color: number[], other: number[]) => Math.max(...color.map((channel, index) => Math.abs(channel - (other[index] ?? 0))));
    expect(result).toMatchObject({ width: 1024, height: 1536 });
    expect(distance(result.beside, [0xc0, 0x30, 0x20])).toBeLessThan(6);
    expect(distance(result.below, [0x20, 0x30, 0xc0])).toBeLessThan(6);
    expect(distance(result.painted, [0xc0, 0x30, 0x20])).toBeGreaterThan(30);
  });

  test("a mask is changed where it was left, and one of nothing is none", { tag: "@nightly" }, async ({ page }) => {
    await page.locator('input[type="file"]').setInputFiles([await picture()]);
    const dialog = page.getByRole("dialog", { name: "Mask" });
    const opener = page.getByRole("button", { name: /^(Paint a|Change the) mask$/ });
    await opener.click();
    await dialog.getByRole("application").press(" ");
    await dialog.getByRole("button", { name: "Use the mask" }).click();
    await expect(opener).toHaveText("Change the mask");
    await expect(opener).toBeFocused();
    await opener.click();
    await expect(dialog.getByRole("button", { name: "Undo" })).toBeEnabled();
    await dialog.getByRole("button", { name: "Clear" }).click();
    await dialog.getByRole("button", { name: "Use the mask" }).click();
    await expect(opener).toHaveText("Paint a mask");
  });

  test("says what it leaves out", { tag: "@nightly" }, async ({ page }) => {
    const files = Array.from({ length: 18 }, async () => picture());
    await page.locator('input[type="file"]').setInputFiles(await Promise.all(files));
    await expect(page.getByText("2 left out: 16 are the most.")).toBeVisible();
    await page.getByRole("button", { name: "Remove meadow.png" }).first().click();
    await expect(page.locator('input[type="file"]')).toBeFocused();
    const text = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("no picture") };
    await page.locator('input[type="file"]').setInputFiles([text]);
    await expect(page.getByText("1 left out: only images are taken.")).toBeVisible();
  });

  test("takes a mask that is there already", { tag: "@nightly" }, async ({ page }) => {
    await page.locator('input[type="file"]').setInputFiles([await picture(1024, 1024)]);
    await page.getByRole("button", { name: "Paint a mask" }).click();
    const dialog = page.getByRole("dialog", { name: "Mask" });
    // Transparent, and so to be edited, in its right half; of another size than the picture.
    const half = sharp({ create: { width: 256, height: 512, channels: 4, background: "#000" } });
    const buffer = await half
      .extend({ right: 256, background: { r: 0, g: 0, b: 0, alpha: 0 } })
      .png()
      .toBuffer();
    await dialog.getByLabel("Or take one").setInputFiles([{ name: "mask.png", mimeType: "image/png", buffer }]);
    const alphas = () =>
      dialog.getByRole("application").evaluate((canvas: HTMLCanvasElement) => {
        const context = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true })!;
        context.drawImage(canvas, 0, 0);
        return [200, 800].map((x) => context.getImageData(x, 500, 1, 1).data[3]);
      });
    await expect.poll(alphas).toEqual([0, 255]);
  });

  test("the keys of the mask's window neither cancel what is being made nor make anything", { tag: "@nightly" }, async ({ page, simulator }) => {
    await page.locator('input[type="file"]').setInputFiles([await picture()]);
    await prompt(page).fill("A fox in the snow [stall=after-first-preview]");
    await generate(page).click();
    await expect(status(page)).toHaveText(/^Preview 1 of 3/);
    await page.getByRole("button", { name: "Paint a mask" }).click();
    const dialog = page.getByRole("dialog", { name: "Mask" });
    await dialog.getByRole("slider", { name: "Zoom" }).press("Enter");
    await dialog.getByRole("slider", { name: "Zoom" }).press("Control+Enter");
    await dialog.getByRole("application").press("Enter");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    expect(simulator.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
    expect(simulator.activeRequests).toBe(1);
    await page.keyboard.press("Escape");
    await expect(status(page)).toHaveText(/^Cancelled/);
  });

  test("a picture is enlarged, and put away", { tag: "@nightly" }, async ({ page }) => {
    await generate(page).click();
    await expect(status(page)).toHaveText(/^Finished/);
    await page.getByRole("button", { name: "Enlarge" }).click();
    const dialog = page.getByRole("dialog", { name: "Enlarged picture" });
    const width = async () => (await dialog.getByRole("img").boundingBox())?.width ?? 0;
    await expect.poll(width).toBeGreaterThan(0);
    const before = await width();
    await dialog.getByRole("slider", { name: "Zoom" }).fill("200");
    await expect.poll(width).toBeCloseTo(2 * before, 0);
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(page.getByRole("button", { name: "Enlarge" })).toBeFocused();
  });
});
