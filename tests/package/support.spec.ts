import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { usedOfThePlatform } from "../types/support.js";
import { root } from "./packed.js";

interface Statement {
  version_added: string | false;
  version_removed?: string | false;
  flags?: unknown;
  prefix?: string;
}

/** What is taken from the data, whose own types have a compiler read all of it: 20 MB. */
interface Identifier {
  __compat?: { support: Record<string, Statement | Statement[]> };
}

const data = JSON.parse(await readFile(createRequire(import.meta.url).resolve("@mdn/browser-compat-data"), "utf8")) as Identifier;

const BROWSERS = { Chrome: "chrome", Edge: "edge", Firefox: "firefox", Safari: "safari", "Safari on iOS": "safari_ios" } as const;

/** What `wasm-opt` is told that the module may use, and what the data calls it. */
const WEBASSEMBLY: Record<string, string | undefined> = {
  simd: "fixed-width-SIMD",
  "bulk-memory": "bulk-memory-operations",
  "sign-ext": "sign-extension-operations",
  "nontrapping-float-to-int": "non-trapping-float-to-int-conversions",
  // Older than the data.
  "mutable-globals": undefined,
  "reference-types": "reference-types",
  multivalue: "multi-value",
};

/** What only some ways to use the package need. */
const WAYS: Record<string, string[]> = {
  "`azure-image-client/inline`": ["api", "DecompressionStream"],
  "an import map": ["html", "elements", "script", "type", "importmap"],
  "a Web Worker": ["api", "Worker", "Worker", "ecmascript_modules"],
  "a module Service Worker": ["api", "ServiceWorker", "ecmascript_modules"],
};

/** Used only if present, or only by one of the {@link WAYS}. */
const OPTIONAL = ["Symbol.dispose", "DecompressionStream", ...["read", "releaseLock", "cancel"].map((name) => `ReadableStreamBYOBReader.${name}`)];

/** What TypeScript and the data call by other names. */
const NAMES: Record<string, string> = {
  Body: "Response",
  CanvasDrawImage: "CanvasRenderingContext2D",
  CanvasImageData: "CanvasRenderingContext2D",
  CanvasRect: "CanvasRenderingContext2D",
  MessageEventTarget: "MessagePort",
  ReadonlyArray: "Array",
  CallableFunction: "Function",
  ReadableStreamGenericReader: "ReadableStreamDefaultReader",
  Console: "console",
};

/** Old, and known to the data only with the whole that they are a part of, or by a name of their own. */
const UNKNOWN = [
  // Safari has none; a timer takes its place.
  "requestIdleCallback",
  ...["AbortSignal.addEventListener", "AbortSignal.removeEventListener", "MessageEventTarget.onmessage"],
  ...[
    "Response.prototype",
    "Object.prototype",
    "Function.prototype",
    "Blob.prototype",
    "Array.prototype",
    "Uint8Array.prototype",
    "Uint8Array.from",
    "Uint8Array.buffer",
    "Uint8Array.byteLength",
    "Uint8Array.length",
    "Uint8Array.subarray",
    "Uint8Array.set",
    "Uint8Array.slice",
    "Uint8ClampedArray.length",
  ],
  ...["ArrayBufferView.buffer", "ArrayBufferView.byteOffset", "ArrayBufferView.byteLength", "RegExpExecArray.index", "document", "Image"],
  ...[
    "PropertyDescriptor.get",
    "ReadableStreamReadValueResult.done",
    "ReadableStreamReadValueResult.value",
    "TextEncoderEncodeIntoResult.written",
    "ImportMeta.url",
    "self",
    "window",
  ],
  ...["navigator", "NavigatorID.userAgent", "location"],
  // Of WebAssembly and Reflect.
  ...[
    "WebAssembly",
    "compile",
    "compileStreaming",
    "instantiate",
    "instantiateStreaming",
    "get",
    "set",
    "ownKeys",
    "apply",
    "getOwnPropertyDescriptor",
    "getPrototypeOf",
  ],
];

/** The oldest versions that the README says are supported. */
const MARKED = /<!-- support -->\n\n([^]*)\n\n<!-- \/support -->/;

test("the browsers that the README says are supported have everything that is used", { tag: "@nightly" }, async () => {
  const used = [...usedOfThePlatform(root).keys()].filter((name) => !OPTIONAL.includes(name));
  const { OPTIMISE } = (await import(String(new URL("../../scripts/build.mjs", import.meta.url)))) as { OPTIMISE: string[] };
  const features = OPTIMISE.flatMap((option) => /^--enable-(.+)$/.exec(option)?.[1] ?? []);
  expect(Object.keys(WEBASSEMBLY).sort()).toEqual(features.sort());
  const needed = [
    ...used.map((name) => ({ name, entry: find(name) })),
    ...Object.values(WEBASSEMBLY).flatMap((name) => (name ? { name: `WebAssembly: ${name}`, entry: at(["webassembly", name]) } : [])),
  ];
  const rows = Object.entries(BROWSERS).map(([title, browser]) => {
    const known = needed.flatMap(({ name, entry }) => (entry ? [{ name, version: since(entry, browser) }] : []));
    const newest = Math.max(...known.map(({ version }) => version));
    return `| ${title} | ${newest} | ${known
      .filter(({ version }) => version === newest)
      .map(({ name }) => `\`${name}\``)
      .join(", ")} |`;
  });
  const ways = Object.entries(WAYS).map(([way, path]) => {
    const versions = Object.values(BROWSERS).map((browser) => since(at(path) ?? {}, browser));
    return `| ${way} | ${versions.join(" | ")} |`;
  });
  const table = [
    ...["| browser | from version | decided by |", "|---|---|---|", ...rows, ""],
    ...[`| with | ${Object.keys(BROWSERS).join(" | ")} |`, "|---|---:|---:|---:|---:|---:|", ...ways],
  ].join("\n");
  const [, told] = MARKED.exec(await readFile(join(root, "README.md"), "utf8")) ?? [];
  expect(
    told,
    "Something newer is used, or something is no longer. If it is meant, it is a breaking change: put the table into the README, under Support.",
  ).toBe(table);
  const unknown = needed.filter(({ name, entry }) => !entry && !UNKNOWN.includes(name)).map(({ name }) => name);
  expect(unknown, "used, and not known to the data by this name").toEqual([]);
});

function find(name: string): Identifier | undefined {
  const [first = "", member] = name.split(".");
  const owner = NAMES[first] ?? first;
  const path = member === undefined ? [owner] : [owner, member];
  const statically = member === undefined ? path : [owner, `${member}_static`];
  return [
    ["api", ...path],
    ["api", ...statically],
    ["javascript", "builtins", ...path],
    ["webassembly", "api", ...path],
    ["webassembly", "api", ...statically],
  ]
    .map(at)
    .find((entry) => entry);
}

function at(path: string[]): Identifier | undefined {
  const entry = path.reduce<Identifier | undefined>(
    (found, name) => (found && Object.hasOwn(found, name) ? (found as Record<string, Identifier>)[name] : undefined),
    data,
  );
  return entry?.__compat ? entry : undefined;
}

/** The version from which a browser has something; what is there by halves, or behind a switch, is not. */
function since(entry: Identifier, browser: (typeof BROWSERS)[keyof typeof BROWSERS]): number {
  const statements = [entry.__compat?.support[browser] ?? []].flat();
  const whole = statements.find(({ flags, prefix, version_removed }) => !flags && !prefix && !version_removed);
  const version = whole?.version_added;
  return typeof version === "string" ? Number.parseFloat(version.replace("≤", "")) : Number.POSITIVE_INFINITY;
}
