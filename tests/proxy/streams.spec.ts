// Both directions stream: each chunk passes at once, and an end on one side is an end on the other.

import { once } from "node:events";
import { request } from "node:http";
import { expect } from "@playwright/test";
import { EDITS, GENERATIONS, JSON_TYPE, SAME_ORIGIN, test } from "./fixtures.js";

const BODY = { model: "gpt-image-2", prompt: "a lake", stream: true, partial_images: 2 };
const FORM = { "content-type": "multipart/form-data; boundary=b" };
const PART = '--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n';

test("passes each event before Azure sends the next one", async ({ startService, startProxy }) => {
  let sendNext: () => void = () => {};
  const azure = await startService(async (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const number of [1, 2, 3]) {
      response.write(`data: ${number}\n\n`);
      await new Promise<void>((resolve) => (sendNext = resolve));
    }
    response.end();
  });
  const { post } = await startProxy({ endpoint: azure.url });
  const response = await post(GENERATIONS, BODY);
  const events: string[] = [];
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    events.push(chunk);
    sendNext();
  }
  expect(events).toEqual(["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"]);
});

test("passes the headers before the first byte of the body", async ({ startService, startProxy }) => {
  const azure = await startService((_request, response) => response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders());
  const { post } = await startProxy({ endpoint: azure.url });
  expect((await post(GENERATIONS, BODY)).status).toBe(200);
});

test("passes each piece of an upload before the page sends the next one", async ({ startService, startProxy }) => {
  const received: string[] = [];
  let onPiece: () => void = () => {};
  const azure = await startService(async (request, response) => {
    for await (const chunk of request) {
      received.push(String(chunk));
      onPiece();
    }
    response.end("{}");
  });
  const { origin } = await startProxy({ endpoint: azure.url });
  const upload = request(`${origin}/api/azure${EDITS}`, { method: "POST", headers: { ...SAME_ORIGIN, ...FORM } });
  for (const piece of [PART, "first", "second", "\r\n--b--\r\n"]) {
    const arrived = new Promise<void>((resolve) => (onPiece = resolve));
    if (piece.startsWith("\r\n")) upload.end(piece);
    else upload.write(piece);
    await arrived;
  }
  const [response] = await once(upload, "response");
  expect([response.statusCode, received.join("")]).toEqual([200, `${PART}firstsecond\r\n--b--\r\n`]);
});

test("holds the end of a form back until its fields are checked", async ({ startService, startProxy }) => {
  const azure = await startService(() => {});
  let release: (isAdded: boolean) => void = () => {};
  const asked = new Promise<void>((resolve) => {
    const add = () =>
      new Promise<boolean>((settle) => {
        release = settle;
        resolve();
      });
    Object.assign(store, { add });
  });
  const { send } = await startProxy({ endpoint: azure.url, limits: { total: { windowInMs: 1000, dollars: 1 }, store } });
  const response = send(EDITS, { method: "POST", headers: FORM, body: `${PART}bytes\r\n--b--\r\n` });
  await asked;
  expect(azure.complete).toEqual([]);
  release(false);
  expect((await response).status).toBe(429);
  expect(azure.complete).toEqual([]);
});
const store = { add: () => true as boolean | Promise<boolean> };

for (const place of ["before the headers", "in the body"]) {
  test(`a page that goes away ${place} ends the request to Azure`, async ({ startService, startProxy }) => {
    let onClose: () => void = () => {};
    const closed = new Promise<void>((resolve) => (onClose = resolve));
    let onRequest: () => void = () => {};
    const arrived = new Promise<void>((resolve) => (onRequest = resolve));
    const azure = await startService((_request, response) => {
      response.on("close", onClose);
      if (place === "in the body") response.write("data: 1\n\n");
      onRequest();
    });
    const { post, records } = await startProxy({ endpoint: azure.url });
    const controller = new AbortController();
    const response = post(GENERATIONS, BODY, { signal: controller.signal });
    response.catch(() => {});
    await (place === "in the body" ? response : arrived);
    controller.abort();
    await closed;
    await expect.poll(() => records).toMatchObject([{ outcome: "aborted" }]);
  });
}

test("a page that goes away in an upload ends the request to Azure", async ({ startService, startProxy }) => {
  let onClose: () => void = () => {};
  const closed = new Promise<void>((resolve) => (onClose = resolve));
  let onData: () => void = () => {};
  const arrived = new Promise<void>((resolve) => (onData = resolve));
  const azure = await startService((request) => void request.on("data", onData).on("close", onClose));
  const { origin, records } = await startProxy({ endpoint: azure.url });
  const upload = request(`${origin}/api/azure${EDITS}`, { method: "POST", headers: { ...SAME_ORIGIN, ...FORM } }).on("error", () => {});
  upload.write(PART);
  await arrived;
  upload.destroy();
  await closed;
  expect(azure.complete).toEqual([]);
  await expect.poll(() => records).toMatchObject([{ outcome: "aborted" }]);
});

test("a response that breaks at Azure breaks in the page", async ({ startService, startProxy }) => {
  const azure = await startService((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: 1\n\n", () => response.destroy());
  });
  const { origin, records } = await startProxy({ endpoint: azure.url });
  // Not fetch: that of Node takes the end of a connection for the end of a response.
  const sending = request(`${origin}/api/azure${GENERATIONS}`, { method: "POST", headers: { ...SAME_ORIGIN, ...JSON_TYPE } });
  sending.end(JSON.stringify(BODY));
  const [response] = await once(sending, "response");
  await expect(response.toArray()).rejects.toThrow("aborted");
  await expect.poll(() => records).toMatchObject([{ outcome: "broken", status: 200 }]);
});

test("a connection that breaks before the headers is a 502", async ({ startService, startProxy }) => {
  const azure = await startService((request) => request.socket.resetAndDestroy());
  const { post } = await startProxy({ endpoint: azure.url });
  expect((await post(GENERATIONS, BODY)).status).toBe(502);
});

test("a page that reads slowly slows Azure down", async ({ startService, startProxy }) => {
  let written = 0;
  const azure = await startService((_request, response) => {
    const write = (): void => {
      do written += 65_536;
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on("drain", write);
    write();
  });
  const { origin } = await startProxy({ endpoint: azure.url });
  const download = request(`${origin}/api/azure/openai/v1/models`, { headers: SAME_ORIGIN }).end();
  const [response] = await once(download, "response");
  response.pause();
  // It stops when the buffers of the system are full.
  let before = -1;
  await expect
    .poll(
      () => {
        const isSteady = written === before;
        before = written;
        return isSteady && written > 0;
      },
      { intervals: [200] },
    )
    .toBe(true);
  expect(written).toBeLessThan(64e6);
  download.destroy();
});

test("an early answer of Azure reaches a page that still uploads", async ({ startService, startProxy }) => {
  const azure = await startService((request, response) => {
    request.once("data", () => response.writeHead(413, JSON_TYPE).end('{"error":{"code":"413","message":"too large"}}')).resume();
  });
  const { send } = await startProxy({ endpoint: azure.url });
  const body = new Blob([PART, new Uint8Array(8e6), "\r\n--b--\r\n"]);
  const response = await send(EDITS, { method: "POST", headers: FORM, body });
  expect([response.status, await response.json()]).toEqual([413, { error: { code: "413", message: "too large" } }]);
});

test("a refusal reaches a page that still uploads, and nothing of it reaches Azure", async ({ simulator, startProxy }) => {
  const { send } = await startProxy({ limits: { uploadBytes: 1000 } });
  const response = await send(EDITS, { method: "POST", headers: FORM, body: new Blob([PART, new Uint8Array(8e6)]) });
  expect([response.status, simulator.requests]).toEqual([413, []]);
});
