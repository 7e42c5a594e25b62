import { readFile } from "node:fs/promises";
import { expect } from "@playwright/test";
import { countUrls, isVisible, posts, test, VUE_FLAGS, type App } from "./app.js";

const read = (name: string): Promise<string> => readFile(new URL(`./frameworks/${name}`, import.meta.url), "utf8");
const walk = await read("walk.ts");
const app = async (main: string, packages: string[]): Promise<App> => ({ files: { [main]: await read(main), "walk.ts": walk }, main, packages });
const vue = { ...(await app("vue.ts", ["vue"])), define: VUE_FLAGS };

const FRAMEWORKS = [
  { name: "reactive() of Vue", app: vue, query: "", views: ["state", "readonly", "raw"] },
  { name: "ref() of Vue", app: vue, query: "&refs", views: ["state", "readonly"] },
  { name: "data of Alpine", app: await app("alpine.js", ["alpinejs"]), query: "", views: ["state", "raw"] },
  { name: "proxy() of Valtio", app: await app("valtio.tsx", ["valtio", "react", "react-dom"]), query: "", views: ["state", "snapshot"] },
  { name: "observable() of MobX", app: await app("mobx.ts", ["mobx"]), query: "", views: ["state", "plain"] },
];

for (const { name, app, query, views } of FRAMEWORKS) {
  test.describe(name, { tag: name === "ref() of Vue" ? [] : "@nightly" }, () => {
    test.use({ app, query });

    test("holds clients, streams, jobs, images and errors, and renders them", async ({ page, simulator }) => {
      await page.getByRole("button", { name: "Generate" }).click();
      await expect(page.locator("output")).toHaveText(/^completed: invalid_request resp_/);
      await expect(page.getByAltText("partial image")).toHaveCount(2);
      await expect(page.getByAltText("image", { exact: true })).toHaveCount(3);
      for (const image of await page.locator("img").all()) expect(await isVisible(image)).toBe(true);
      expect(posts(simulator).map(({ path }) => path.split("/").at(-1))).toEqual(["generations", "edits", "responses", "files"]);
      expect(await countUrls(page)).toBe(5);

      const inspected = await page.evaluate(() => inspectViews());
      const works = { isBlob: true, bytes: true, sameBlob: true, endpoint: true, refused: "invalid_request", json: "invalid_request" };
      expect(inspected).toEqual(Object.fromEntries(views.map((view) => [view, works])));

      // Rendering again must not create new URLs before they are counted.
      const left = await page.evaluate(async () => {
        const revoked: string[] = [];
        const { revokeObjectURL } = URL;
        URL.revokeObjectURL = (url) => {
          revoked.push(url);
          revokeObjectURL(url);
        };
        document.querySelectorAll("button")[1]?.click();
        return revoked.length;
      });
      expect(left).toBe(5);
    });
  });
}
