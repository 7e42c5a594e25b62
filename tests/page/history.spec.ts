import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, generate, prompt, status, test } from "./fixtures.js";

test("pictures are kept across a reload, found again, deleted, and downloaded", async ({ page }) => {
  for (const words of ["A fox in the snow", "A harbour at night", "A fox by the fire"]) {
    await prompt(page).fill(words);
    await generate(page).click();
    await expect(status(page)).toHaveText(/^Finished/);
    await expect(page.getByRole("img", { name: words, exact: true })).toBeVisible();
  }
  await expect(page.getByRole("button", { name: "History (3)" })).toBeVisible();
  await page.reload();
  await page.getByRole("button", { name: "History (3)" }).click();
  const history = page.getByRole("region", { name: "History" });
  const pictures = history.getByRole("img");
  await expect(pictures).toHaveCount(3);
  await expect(pictures.first()).toHaveAccessibleName("A fox by the fire");
  await expect.poll(() => pictures.evaluateAll((images) => images.every((image) => (image as HTMLImageElement).naturalWidth > 0))).toBe(true);
  await expect(history.getByText(/^3 of 3 pictures, \d.* MB of the .* that this browser gives/)).toBeVisible();

  await history.getByRole("searchbox", { name: "Filter by prompt" }).fill("fox");
  await expect(pictures).toHaveCount(2);
  const downloading = page.waitForEvent("download");
  await history.getByRole("button", { name: "Download as ZIP" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe("pictures.zip");
  const bytes = await readFile(await download.path());
  const listed = await promisify(execFile)("python3", [
    "-c",
    "import sys, zipfile; print('\\n'.join(zipfile.ZipFile(sys.argv[1]).namelist()))",
    await download.path(),
  ]);
  expect(bytes.subarray(0, 2).toString()).toBe("PK");
  expect(listed.stdout.trim().split("\n")).toEqual(["003-a-fox-by-the-fire.png", "001-a-fox-in-the-snow.png"]);

  await history
    .getByText(/^1024 × 1024/)
    .first()
    .click();
  await expect(history.getByText(/^size 1024x1024, quality auto/).first()).toBeVisible();
  await history.getByRole("button", { name: "Use as input" }).first().click();
  await expect(page.getByRole("list", { name: "Pictures to work from" }).getByRole("listitem")).toHaveCount(1);
  await history.getByRole("button", { name: "Delete", exact: true }).first().click();
  await expect(pictures).toHaveCount(1);
  page.once("dialog", (dialog) => dialog.accept());
  await history.getByRole("button", { name: "Delete all" }).click();
  await expect(pictures).toHaveCount(0);
  await expect(page.getByRole("button", { name: "History (0)" })).toBeVisible();
});

test("a picture is copied as a PNG", { tag: "@nightly" }, async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByText("More options").click();
  await page.getByRole("radio", { name: "JPEG" }).check();
  await generate(page).click();
  await expect(status(page)).toHaveText(/^Finished/);
  await page.getByRole("button", { name: "History (1)" }).click();
  await page.getByRole("button", { name: "Copy", exact: true }).last().click();
  const types = () => page.evaluate(async () => (await navigator.clipboard.read()).flatMap(({ types }) => types));
  await expect.poll(types).toEqual(["image/png"]);
});

test("a browser that keeps nothing makes pictures all the same, and says so", { tag: "@nightly" }, async ({ page }) => {
  await page.addInitScript(() => {
    indexedDB.open = () => {
      throw new DOMException("The user denied permission.", "SecurityError");
    };
    localStorage.setItem("azure-image-client/profiles", '[null, { "endpoint": 5 }]');
    localStorage.setItem("azure-image-client/job", '{ "said": 1 }');
    localStorage.setItem("azure-image-client/chosen", "no JSON");
  });
  await page.reload();
  await generate(page).click();
  await expect(status(page)).toHaveText(/^Finished/);
  await expect(page.getByText("This browser did not keep it: The user denied permission.")).toBeVisible();
  await page.getByRole("button", { name: "History (0)" }).click();
  await expect(page.getByRole("region", { name: "History" })).toContainText("did not keep it");
});

test("a browser that lets no page copy says so", { tag: "@nightly" }, async ({ page }) => {
  await page.addInitScript(() => {
    navigator.clipboard.write = () => Promise.reject(new DOMException("Write permission denied.", "NotAllowedError"));
  });
  await page.reload();
  await page.getByText("View code").click();
  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.getByText("This browser does not let the page copy.")).toBeVisible();
});
