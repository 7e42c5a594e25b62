// What the tests call within the page. The package comes by its public name and nothing else.

import * as azure from "/azure-image-client/index.js";

/** What the console was told. */
const printed = [];
for (const [name, print] of Object.entries(console)) {
  if (typeof print !== "function") continue;
  console[name] = (...texts) => {
    printed.push(texts.map(String).join(" "));
    print.apply(console, texts);
  };
}

/** Object URLs that are alive. */
const liveUrls = new Set();
const { createObjectURL, revokeObjectURL } = URL;
URL.createObjectURL = (object) => {
  const url = createObjectURL.call(URL, object);
  liveUrls.add(url);
  return url;
};
URL.revokeObjectURL = (url) => {
  liveUrls.delete(url);
  revokeObjectURL.call(URL, url);
};

/** The memory of every engine that the page has started. The second module of an engine shares that of the first one. */
const memories = [];
const keep = ({ exports }) => exports.memory && memories.push(exports.memory);
for (const name of ["instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...parameters) => {
    const result = await original.apply(WebAssembly, parameters);
    keep(result.instance ?? result);
    return result;
  };
}

// What takes the place of one that broke is made at once.
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  static [Symbol.hasInstance] = (value) => Instance[Symbol.hasInstance](value);
  constructor(...parameters) {
    super(...parameters);
    keep(this);
  }
};

/** Timers that run. */
const timers = new Set();
for (const [start, stop, repeats] of [
  ["setTimeout", "clearTimeout", false],
  ["setInterval", "clearInterval", true],
]) {
  const { [start]: originalStart, [stop]: originalStop } = globalThis;
  globalThis[start] = (callback, ...rest) => {
    const timer = originalStart(
      (...parameters) => {
        if (!repeats) timers.delete(timer);
        callback(...parameters);
      },
      ...rest,
    );
    timers.add(timer);
    return timer;
  };
  globalThis[stop] = (timer) => {
    timers.delete(timer);
    originalStop(timer);
  };
}

/** Bytes of WebAssembly's memory. It never shrinks, so they are the most that was ever needed. */
const memory = () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);

/** The heap and its buffers, but not what is in Blobs; `undefined` in a browser that does not tell. */
const heap = () => performance.memory?.usedJSHeapSize;
/** How much more of it is worth a collection. */
const MORE_HEAP = 4 * 1024 * 1024;
/** The most that is in use while it is watched; what a collection frees is not. */
let mostHeap;
const sampleHeap = () => {
  if (mostHeap === undefined || heap() < mostHeap + MORE_HEAP) return;
  // What the first one frees is told behind the second one.
  for (let times = 0; times < 2; times += 1) globalThis.gc();
  mostHeap = Math.max(mostHeap, heap());
};

/** Watches the heap with each part of a body until it is told to stop; gives what was there before, and, above that, the most of it and what is left. */
async function watchHeap() {
  const collected = async () => {
    // What one collection finds the next one frees.
    for (let times = 0; times < 3; times += 1) await globalThis.gc?.({ execution: "async" });
    return heap();
  };
  const before = (mostHeap = await collected());
  return async () => {
    const most = mostHeap;
    mostHeap = undefined;
    const left = await collected();
    return before === undefined ? undefined : { before, most: most - before, left: left - before };
  };
}

/** Readers of bodies that are open. */
const readers = new Set();
const { getReader } = ReadableStream.prototype;
ReadableStream.prototype.getReader = function (...parameters) {
  const reader = getReader.apply(this, parameters);
  readers.add(reader);
  if (mostHeap !== undefined) {
    const { read } = reader;
    reader.read = (...into) => {
      // What became of the part before is still there; and so is the one that comes now.
      sampleHeap();
      const part = read.apply(reader, into);
      part.then(sampleHeap, () => {});
      return part;
    };
  }
  const closed = () => readers.delete(reader);
  reader.closed.then(closed, closed);
  return reader;
};

/** The listeners of each abort signal. */
const listeners = new WeakMap();
const { addEventListener: listen, removeEventListener: leave } = EventTarget.prototype;
EventTarget.prototype.addEventListener = function (type, listener, options) {
  if (this instanceof AbortSignal) listeners.set(this, (listeners.get(this) ?? new Set()).add(listener));
  return listen.call(this, type, listener, options);
};
EventTarget.prototype.removeEventListener = function (type, listener, options) {
  if (this instanceof AbortSignal) listeners.get(this)?.delete(listener);
  return leave.call(this, type, listener, options);
};

/** How many listeners a signal has. */
const listenersOf = (signal) => listeners.get(signal)?.size ?? 0;

/** What has not been let go of. */
const running = () => ({ timers: timers.size, readers: readers.size });

const unhandled = [];
addEventListener("unhandledrejection", (event) => unhandled.push(String(event.reason)));

async function sha256(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function describeImage(image) {
  const { mediaType, byteLength, width, height, revisedPrompt, blob, call } = image;
  return {
    ...(call && { call }),
    mediaType,
    byteLength,
    width,
    height,
    revisedPrompt,
    blobType: blob.type,
    blobSize: blob.size,
    sha256: await sha256(blob),
  };
}

async function describeError(error) {
  const { name, message, code, billed, retryable, status, serviceCode, param, requestId, retryAfterInMs, contentFilter } = error;
  return {
    isAzureImageError: error instanceof azure.AzureImageError,
    json: JSON.stringify(error),
    isError: error instanceof Error,
    text: String(error),
    lastPartialImage: error.lastPartialImage && (await describeImage(error.lastPartialImage)),
    cause: error.cause === undefined ? undefined : String(error.cause),
    ...(error.response && { response: await describeResponse(error.response) }),
    ...{ name, message, code, billed, retryable, status, serviceCode, param, requestId, retryAfterInMs, contentFilter },
  };
}

/** What a response holds, in what can be sent out of the page. */
async function describeResponse({ images, failures, error, ...rest }) {
  const describeFailure = async ({ call, error }) => ({ call, error: await describeError(error) });
  return {
    ...rest,
    images: await Promise.all(images.map(describeImage)),
    ...(failures && { failures: await Promise.all(failures.map(describeFailure)) }),
    ...(error && { error: await describeError(error) }),
  };
}

/** Waits for a response and tells how it ended. */
async function responseOutcome(promise) {
  try {
    return { ok: await describeResponse(await promise) };
  } catch (error) {
    return { error: await describeError(error) };
  }
}

/** An event, in what can be sent out of the page. */
async function describeEvent({ image, error, response, ...rest }) {
  return {
    ...rest,
    ...(image && { image: await describeImage(image) }),
    ...(error && { error: await describeError(error) }),
    ...(response && { response: await describeResponse(response) }),
  };
}

/** Reads a stream or job to its end: its events, and the failure that ended it. */
async function readEvents(stream) {
  const events = [];
  try {
    for await (const event of stream) events.push(await describeEvent(event));
  } catch (error) {
    return { events, error: await describeError(error) };
  }
  return { events };
}

/** Waits for a promise and tells how it ended, in what can be sent out of the page. */
async function outcome(promise) {
  try {
    const result = await promise;
    const images = await Promise.all(result.images.map(describeImage));
    return { ok: { ...result, images } };
  } catch (error) {
    return { error: await describeError(error) };
  }
}

/** What a failure leaves behind: how the next call ends, for a picture that is soon made and small, how much memory there is, and which object URLs. */
async function aftermath(client) {
  const { ok, error } = await outcome(client.generate({ prompt: "a lake", deployment: "gpt-image-1", outputFormat: "jpeg", outputCompression: 1 }));
  return { next: ok?.images.length ?? error, memory: memory(), urls: liveUrls.size };
}

/** Does something and tells how it ended. What it throws at once, and not by a promise, is a mistake. */
async function settled(work) {
  const promise = work();
  try {
    return { ok: await promise };
  } catch (error) {
    return { error: await describeError(error) };
  }
}

/** Loads a URL into an `<img>`, and gives its natural size. */
function load(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve({ width: image.naturalWidth, height: image.naturalHeight });
    image.onerror = () => reject(new Error(`${url} is no picture`));
    image.src = url;
  });
}

/** A response that makes the engine crash. Only a page that breaks `Date.parse` has one: it is the shortest way to a defect. */
function crashingResponse() {
  const { parse } = Date;
  Date.parse = () => {
    Date.parse = parse;
    throw new Error("Date.parse is broken");
  };
  return new Response(null, { headers: { "retry-after": "Fri, 01 Jan 2100 00:00:00 GMT" } });
}

globalThis.azure = azure;
globalThis.helpers = {
  sha256,
  describeImage,
  describeError,
  outcome,
  describeResponse,
  responseOutcome,
  readEvents,
  aftermath,
  settled,
  load,
  liveUrls,
  listenersOf,
  running,
  memories,
  memory,
  watchHeap,
  crashingResponse,
  unhandled,
  printed,
};
