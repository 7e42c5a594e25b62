// `npm run soak`: checks for leaks in a page that generates 10,000 images, one after the other. `-- 500` generates 500.

import { build } from "./build.mjs";
import { bin, main, Missing, run } from "./tools.mjs";

await main(async () => {
  const [generations = "10000"] = process.argv.slice(2);
  if (!/^[1-9]\d*0$/.test(generations)) throw new Missing("Pass how many pictures to make, a multiple of 10, such as: npm run soak -- 500");
  await build();
  const { ensureChromium } = await import("./chromium.mjs");
  const { ensureNginx } = await import("./nginx.mjs");
  await ensureChromium();
  await ensureNginx();
  const env = { ...process.env, SOAK_GENERATIONS: generations };
  await run(bin("playwright"), ["test", "--project=chromium", "--reporter=dot", "soak"], { env });
});
