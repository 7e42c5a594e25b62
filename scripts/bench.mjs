// `npm run bench`: how fast this package and others make Blobs of what Azure sends, in one run of one page. With `--write`, the
// README and its chart say so too.

import { build } from "./build.mjs";
import { bin, main, path, run } from "./tools.mjs";

await main(async () => {
  await build();
  const { ensureChromium } = await import("./chromium.mjs");
  await ensureChromium();
  const env = { ...process.env, ...(process.argv.includes("--write") && { BENCH_WRITE: "1" }) };
  await run(bin("playwright"), ["test", "--config", path("tests", "bench", "playwright.config.mjs")], { env });
});
