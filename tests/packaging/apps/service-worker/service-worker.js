// An import map is not for workers, so this one names the file. A service worker cannot use import(), so the file is the one without it.
import { AzureImageClient } from "/node_modules/azure-image-client/dist/azure-image-client.min.js";

addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { pathname, searchParams } = new URL(event.request.url);
  if (pathname === "/picture") event.respondWith(draw(searchParams.get("endpoint")));
});

async function draw(endpoint) {
  const client = new AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
  const stream = client.generateStream({ prompt: "a lake", partialImages: 2 });
  let partialImages = 0;
  for await (const event of stream) if (event.type === "partialImage") await show(++partialImages);
  const {
    images: [image],
  } = await stream.result();
  return new Response(image.blob);
}

async function show(partialImages) {
  for (const page of await clients.matchAll()) page.postMessage(partialImages);
}
