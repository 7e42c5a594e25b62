import { AxeBuilder } from "@axe-core/playwright";
import sharp from "sharp";
import { expect, generate, prompt, status, test } from "./fixtures.js";

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in the ${colorScheme}`, () => {
    // A colour that is just changing is neither the one nor the other.
    test.use({ colorScheme, contextOptions: { reducedMotion: "reduce" } });

    test("axe finds nothing to object to, in any view", async ({ page, consoleErrors }) => {
      const violations = async () => {
        const axe = new AxeBuilder({ page });
        // All but the colours is the same in both.
        const { violations } = await (colorScheme === "dark" ? axe.withRules("color-contrast") : axe).analyze();
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
      };
      for (const name of ["More options", "View code", "How to write one"]) await page.getByText(name, { exact: true }).click();
      expect.soft(await violations(), "before").toEqual([]);
      await page.getByRole("button", { name: "Test the connection" }).click();
      await expect(page.getByText("Deployment: works")).toBeVisible();
      await prompt(page).fill("A fox in the snow [stall=after-first-preview]");
      await generate(page).click();
      await expect(status(page)).toHaveText(/^Preview 1 of 3/);
      expect.soft(await violations(), "while a picture is made").toEqual([]);
      await page.keyboard.press("Escape");
      await prompt(page).fill("A fox in the snow [truncate=before-completed]");
      await generate(page).click();
      await expect(page.getByRole("alert")).not.toBeEmpty();
      expect.soft(await violations(), "with an error").toEqual([]);
      await prompt(page).fill("A fox in the snow");
      await generate(page).click();
      await expect(status(page)).toHaveText(/^Finished/);
      expect.soft(await violations(), "with a picture").toEqual([]);
      await page.getByRole("button", { name: /^History/ }).click();
      await page
        .getByRole("region", { name: "History" })
        .getByText(/^1024 × 1024/)
        .click();
      expect.soft(await violations(), "the history").toEqual([]);
      await page.getByRole("button", { name: "Talk" }).click();
      await page.getByRole("textbox", { name: "Say" }).fill("Draw a lighthouse");
      await page.getByRole("button", { name: "Send" }).click();
      await expect(page.getByRole("region", { name: "Talk" }).getByRole("button", { name: "Use as input" })).toBeVisible();
      expect.soft(await violations(), "a conversation").toEqual([]);
      await page.getByRole("button", { name: "Under the hood" }).click();
      expect.soft(await violations(), "under the hood").toEqual([]);
      const buffer = await sharp({ create: { width: 300, height: 200, channels: 3, background: "#3a7" } })
        .png()
        .toBuffer();
      await page.locator('input[type="file"]').setInputFiles([{ name: "meadow.png", mimeType: "image/png", buffer }]);
      await page.getByRole("button", { name: "Paint a mask" }).click();
      await page.getByRole("application").press(" ");
      expect.soft(await violations(), "the mask").toEqual([]);
      // The probe is refused on purpose, which the browser reports.
      expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("400")]);
    });
  });
}

for (const width of [360, 2560]) {
  test(`nothing is cut off at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await generate(page).click();
    await expect(status(page)).toHaveText(/^Finished/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
}
