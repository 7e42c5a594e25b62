// `npm run compare`: what this package and the newest openai package do when things go wrong, side by side.

import { build } from "./build.mjs";
import { bin, main, path, run } from "./tools.mjs";

await main(async () => {
  await build();
  const { ensureChromium } = await import("./chromium.mjs");
  await ensureChromium();
  await run(bin("playwright"), ["test", "--config", path("tests", "compare", "playwright.config.mjs")]);
});
