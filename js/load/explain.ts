// Explains why the WebAssembly did not load. Each cause has its own remedy.

import type { LoadFailure } from "./load.js";

const INLINE = 'Write import "azure-image-client/inline"; in your app';

/** URLs of tools that move a package's JavaScript and leave its other files behind. */
const TOOLS: [path: RegExp, name: string][] = [
  [/\/\.?(sb-)?vite\/deps\/|\/@fs\//, "Vite's dev server"],
  [/\/_next\//, "Next.js"],
  [/\/_nuxt\//, "Nuxt"],
  [/\/_astro\//, "Astro"],
  [/\/_bun\//, "Bun"],
];

/** The smallest valid module. */
const EMPTY = new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);

/** The problem and its remedy, and whether the same load may succeed later. */
interface Explanation {
  problem: string;
  retryable: boolean;
}

/** Explains a failure. */
export function explainLoad(failure: LoadFailure): Explanation {
  switch (failure.step) {
    case "provide":
      return unprovided(failure);
    case "read":
      return lasting(`could not be read (${failure.cause}). ${failure.isGiven ? "Check the URL that was passed to init." : `${INLINE}.`}`);
    case "fetch":
      return notFetched(failure);
    case "answer": {
      const { status = 0, url } = failure;
      const isTemporary = status === 429 || status >= 500;
      return {
        problem: `could not be loaded: HTTP ${status} for ${url}. ${isTemporary ? "Try again later." : remedy(failure)}`,
        retryable: isTemporary,
      };
    }
    case "start":
      return notStarted(failure);
  }
}

function lasting(problem: string): Explanation {
  return { problem, retryable: false };
}

function unprovided({ isUrl, name, cause }: LoadFailure): Explanation {
  if (isUrl === undefined) {
    return lasting('has no source. Import the package by its name, "azure-image-client", or pass the URL of the file to init.');
  }
  if (isUrl) return lasting(`has no URL: the bundle is not an ES module (${cause}). ${INLINE}.`);
  // Next.js's edge runtime, and Firefox before 113.
  if (typeof DecompressionStream === "undefined") {
    return lasting(`could not be unpacked: this platform has no DecompressionStream. Pass ${name} to init: its URL, bytes or compiled module.`);
  }
  const problem = `could not be imported (${cause}). Serve the chunks of the app's current build, then reload the page.`;
  return { problem, retryable: true };
}

function notStarted(failure: LoadFailure): Explanation {
  if (!canRunWasm()) return lasting(forbidden());
  const { url, isGiven, cause, name, contentType } = failure;
  const isInvalid = cause instanceof WebAssembly.CompileError || cause instanceof WebAssembly.LinkError;
  const isResponse = url !== undefined;
  if (isResponse && !isInvalid) return notFetched(failure);
  const subject = isResponse ? `${url} (${contentType})` : isGiven ? "the argument of init" : "the module of this entry";
  return lasting(`could not be started: ${subject} is not ${name} of this version (${cause}). ${remedy(failure)}`);
}

function canRunWasm(): boolean {
  try {
    // WebKit compiles a module that a policy forbids, and only refuses to run it.
    new WebAssembly.Instance(new WebAssembly.Module(EMPTY));
    return true;
  } catch {
    return false;
  }
}

function forbidden(): string {
  return isWorkerd()
    ? 'may not run: Cloudflare Workers run only modules that are deployed with the Worker. Write import wasm from "azure-image-client/azure_image_client.wasm"; ' +
        'import more from "azure-image-client/azure_image_client_more.wasm"; and await init(wasm, { moreSource: more }) before the first call.'
    : "may not run: WebAssembly is forbidden. Add 'wasm-unsafe-eval' to script-src of the page's content security policy.";
}

function isWorkerd(): boolean {
  return globalThis.navigator?.userAgent === "Cloudflare-Workers";
}

/** The remedy for a file that is not at its URL. */
function remedy({ url = "", isGiven, name, isMore }: LoadFailure): string {
  if (isGiven) return `Pass ${name} of this version to init${isMore ? " as moreSource" : ""}, or its URL.`;
  const tool = TOOLS.find(([path]) => path.test(url))?.[1];
  return tool
    ? `${tool} moved the package without its ${name}. ${INLINE}.`
    : `The file is missing there, and some servers send a page instead. ${INLINE}, or serve ${name} at that URL.`;
}

function notFetched({ url = "", isGiven, cause, name }: LoadFailure): Explanation {
  if (!isGiven && (/^file:/i.test(url) || !globalThis.location)) {
    const reason = globalThis.location ? "A page with a file: URL cannot fetch files." : "The bundled server has no such file.";
    return lasting(`could not be fetched (${cause}). ${reason} ${INLINE}.`);
  }
  const problem =
    `could not be fetched (${cause}). Check the network. If it works, allow the URL of ${name} in connect-src of the page's content security policy ` +
    "('self' for the page's own origin). If the file is on another origin, that server must allow the page (CORS).";
  return { problem, retryable: true };
}
