import { fileURLToPath } from "node:url";
import { test } from "@playwright/test";
import { startPageServer } from "../client/page-server.js";
import { bundle } from "./bundle.js";
import { chart } from "./chart.js";
import { measureColdStarts } from "./cold.js";
import { measure } from "./measure.js";
import { publish } from "./publish.js";
import { setting } from "./setting.js";
import { measureStarts } from "./starts.js";
import { coldTable, notes, pageTable, timeTable } from "./tables.js";

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const BUILT = folder("../../test-results/bench-page/");

test("the bench", async ({ browser, context, page }) => {
  await bundle(folder("./page/bench.ts"), BUILT);
  const folders: [string, string][] = [
    ["/azure-image-client/", folder("../../dist/")],
    ["/built/", BUILT],
    ["/", folder("./page/")],
  ];
  // The WebAssembly from the browser's cache too, as it is for a visitor who comes back.
  const pages = await startPageServer(folders, [".js", ".wasm"]);
  const starts = await measureStarts(context, `${pages.origin}/start.html`);
  const coldStarts = await measureColdStarts(browser);
  await page.goto(pages.origin);
  await page.waitForFunction(() => "bench" in globalThis);
  const results = await measure(page);
  await pages.close();
  const tables = [timeTable(results), pageTable(results), coldTable(coldStarts), notes(results, starts), await setting(browser.version())].join(
    "\n\n",
  );
  console.log(`\n${tables}`);
  if (process.env["BENCH_WRITE"]) await publish(tables, chart(results));
});
