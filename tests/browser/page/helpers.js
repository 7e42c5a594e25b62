// What the tests call within the page. The package comes by its public name and nothing else.

import * as azure from "azure-image-client";

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

const unhandled = [];
addEventListener("unhandledrejection", (event) => unhandled.push(String(event.reason)));

async function sha256(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function describeImage(image) {
  const { mediaType, byteLength, width, height, revisedPrompt, blob } = image;
  return { mediaType, byteLength, width, height, revisedPrompt, blobType: blob.type, blobSize: blob.size, sha256: await sha256(blob) };
}

async function describeError(error) {
  const { name, message, code, billed, retryable, status, serviceCode, param, requestId, retryAfterInMs, contentFilter } = error;
  return {
    isAzureImageError: error instanceof azure.AzureImageError,
    isError: error instanceof Error,
    text: String(error),
    lastPreview: error.lastPreview && (await describeImage(error.lastPreview)),
    cause: error.cause === undefined ? undefined : String(error.cause),
    ...{ name, message, code, billed, retryable, status, serviceCode, param, requestId, retryAfterInMs, contentFilter },
  };
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
globalThis.helpers = { sha256, describeImage, describeError, outcome, load, liveUrls, memories, unhandled };
