// What the tests call within the page. The package comes by its public name and nothing else.

import * as azure from "/azure-image-client/index.js";

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

/** The memory of every WebAssembly instance that the page has made. */
const memories = [];
for (const name of ["instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...parameters) => {
    const result = await original.apply(WebAssembly, parameters);
    memories.push((result.instance ?? result).exports.memory);
    return result;
  };
}

// What takes the place of one that broke is made at once.
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  static [Symbol.hasInstance] = (value) => Instance[Symbol.hasInstance](value);
  constructor(...parameters) {
    super(...parameters);
    memories.push(this.exports.memory);
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

/** Readers of bodies that are open. */
const readers = new Set();
const { getReader } = ReadableStream.prototype;
ReadableStream.prototype.getReader = function (...parameters) {
  const reader = getReader.apply(this, parameters);
  readers.add(reader);
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
    lastPreview: error.lastPreview && (await describeImage(error.lastPreview)),
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

globalThis.azure = azure;
globalThis.helpers = {
  sha256,
  describeImage,
  describeError,
  outcome,
  describeResponse,
  responseOutcome,
  readEvents,
  settled,
  load,
  liveUrls,
  listenersOf,
  running,
  memories,
  unhandled,
};
