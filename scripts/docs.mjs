// `npm run docs`: the API reference in docs/api, from the comments of the public types, and the documentation of the engine in target. What
// is not documented, or linked to in vain, is an error.

import { pathToFileURL } from "node:url";
import { build, TARGET, VECTORS } from "./build.mjs";
import { main, path, run } from "./tools.mjs";

/** Writes both from the build. */
export async function docs() {
  await Promise.all([
    run(path("docs", "node_modules", ".bin", "typedoc"), ["--options", path("docs", "typedoc.jsonc"), "--logLevel", "Warn"]),
    // The other half of the engine is there for WebAssembly only.
    run("cargo", ["doc", "--quiet", "--locked", "--no-deps", "--document-private-items", "--target", TARGET], {
      env: { ...process.env, RUSTDOCFLAGS: "-Dwarnings", CARGO_ENCODED_RUSTFLAGS: VECTORS },
    }),
  ]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(async () => {
    await build();
    await docs();
    console.log(`${path("docs", "api", "index.html")}\n${path("target", TARGET, "doc", "azure_image_client", "index.html")}`);
  });
}
