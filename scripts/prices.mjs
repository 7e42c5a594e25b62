// Writes the part of the model catalog with which the proxy estimates costs, as a module. The proxy has no WebAssembly, and the catalog stays
// the only source of prices.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const EVERY_MODEL = "*";

/** Writes `dist/proxy/prices.js` and its types below a folder. */
export function writePrices(folder) {
  const { models } = JSON.parse(readFileSync(join(folder, "src", "models", "catalog.json"), "utf8"));
  const names = Object.keys(models).filter((name) => name !== EVERY_MODEL);
  const prices = Object.fromEntries(names.map((name) => [name, pricesOf(rulesOf(models, name))]));
  const output = join(folder, "dist", "proxy");
  mkdirSync(output, { recursive: true });
  writeFileSync(join(output, "prices.js"), `export default ${JSON.stringify(prices)};\n`);
  writeFileSync(
    join(output, "prices.d.ts"),
    'import type { ModelPrices } from "./models.js";\ndeclare const prices: Record<string, ModelPrices>;\nexport default prices;\n',
  );
}

/** Merges an entry over the ones that it extends, as src/models/catalog.rs does. */
function rulesOf(models, name) {
  const own = models[name];
  return name === EVERY_MODEL ? own : patch(rulesOf(models, own.extends ?? EVERY_MODEL), own);
}

/** Applies a JSON Merge Patch. */
function patch(target, changes) {
  if (typeof changes !== "object" || changes === null) return changes;
  const result = typeof target === "object" && target !== null ? { ...target } : {};
  for (const [name, change] of Object.entries(changes)) {
    if (change === null) delete result[name];
    else result[name] = patch(result[name], change);
  }
  return result;
}

function pricesOf(rules) {
  const { path, tokens, prices, pixelsPerToken, imagePrice, megapixelPrices, partialImageTokens, defaultQuality, defaultSize } = rules;
  const { freeSizes: { multiple, rounds, maxPixels } = {} } = rules;
  const outputRate = rules.rates?.output;
  const qualities = Object.keys(rules.qualities || {}).filter((quality) => quality !== "auto");
  const size = { multiple: rounds ? multiple : undefined, maxPixels };
  return {
    path,
    outputRate,
    tokens,
    prices,
    pixelsPerToken,
    imagePrice,
    megapixelPrices,
    partialImageTokens,
    defaultQuality,
    defaultSize,
    qualities,
    ...size,
  };
}
