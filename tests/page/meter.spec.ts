import { expect, generate, prompt, status, test } from "./fixtures.js";

test("shows what goes on behind a picture", async ({ page, simulator }) => {
  await prompt(page).fill("A fox in the snow");
  await generate(page).click();
  await expect(status(page)).toHaveText(/^Finished/);
  await page.getByRole("button", { name: "Under the hood" }).click();
  const meter = page.getByRole("region", { name: "Under the hood" });
  const rows = meter.getByRole("row");
  await expect(rows.filter({ hasText: "partialImage" })).toHaveCount(3);
  const bytes = simulator.pictures.find(({ kind }) => kind === "final")?.byteLength.toLocaleString("en");
  await expect(rows.filter({ hasText: bytes ?? "" })).toContainText("image");
  const fact = (name: string) => meter.getByRole("term").filter({ hasText: name }).locator("+ dd");
  await expect(fact("Longest time")).toHaveText(/^\d+ ms$/);
  await expect(fact("Memory of the WebAssembly")).toHaveText(/^\d\.\d MB$/);
  await expect(fact("Object URLs alive")).toHaveText(String(await page.evaluate(() => liveObjectUrls.size)));
});
