// The memory of a process does not grow with what passes through it.

import { fork } from "node:child_process";
import { once } from "node:events";
import { request, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { expect } from "@playwright/test";
import { EDITS, GENERATIONS, JSON_TYPE, SAME_ORIGIN, test as base } from "./fixtures.js";

const MB = 1_000_000;

interface Child {
  origin: string;
  peakInBytes(): Promise<number>;
}

const test = base.extend<{ startProcess(endpoint: string): Promise<Child> }>({
  startProcess: async ({}, use) => {
    const children: ReturnType<typeof fork>[] = [];
    await use(async (endpoint) => {
      const env = { ...process.env, AZURE_ENDPOINT: endpoint };
      const child = fork(fileURLToPath(new URL("process.mjs", import.meta.url)), { env, execArgv: [] });
      children.push(child);
      const [{ port }] = (await once(child, "message")) as [{ port: number }];
      return {
        origin: `http://127.0.0.1:${port}`,
        async peakInBytes() {
          child.send("peak");
          const [{ peakInBytes }] = (await once(child, "message")) as [{ peakInBytes: number }];
          return peakInBytes;
        },
      };
    });
    for (const child of children) child.kill();
  },
});

test("edits of 40 MB pass with flat memory", async ({ startService, startProcess }) => {
  let received = 0;
  const azure = await startService(async (incoming, response) => {
    for await (const chunk of incoming) received += chunk.length;
    response.end("{}");
  });
  const { origin, peakInBytes } = await startProcess(azure.url);
  const image = Buffer.alloc(40 * MB, "not the boundary\r\n");
  const edit = async (): Promise<void> => {
    const headers = { ...SAME_ORIGIN, "content-type": "multipart/form-data; boundary=b" };
    const upload = request(`${origin}/api/azure${EDITS}`, { method: "POST", headers });
    upload.write('--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n');
    upload.write(image);
    upload.end("\r\n--b--\r\n");
    const [response] = (await once(upload, "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    await once(response.resume(), "end");
  };
  await edit();
  const before = await peakInBytes();
  for (let count = 0; count < 8; count++) await edit();
  expect(received).toBeGreaterThan(9 * image.length);
  // Less than one image, whatever garbage remains.
  expect((await peakInBytes()) - before).toBeLessThan(40 * MB);
});

test("200 parallel streams pass with flat memory", async ({ startService, startProcess }) => {
  const streams: ServerResponse[] = [];
  const azure = await startService((incoming, response) => {
    incoming.resume();
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    streams.push(response);
  });
  const { origin, peakInBytes } = await startProcess(azure.url);
  const open = async (): Promise<IncomingMessage> => {
    const sending = request(`${origin}/api/azure${GENERATIONS}`, { method: "POST", headers: { ...SAME_ORIGIN, ...JSON_TYPE } });
    sending.end('{"model":"gpt-image-2","stream":true}');
    return ((await once(sending, "response")) as [IncomingMessage])[0];
  };
  const pages = await Promise.all(Array.from({ length: 200 }, open));
  let received = 0;
  for (const page of pages) page.on("data", (chunk) => (received += chunk.length));
  const event = Buffer.alloc(200_000, "data: x\n");
  let expected = 0;
  /** Sends an event in each stream: 40 MB altogether. */
  const send = async (): Promise<void> => {
    for (const stream of streams) stream.write(event);
    expected += streams.length * event.length;
    await expect.poll(() => received, { intervals: [20] }).toBe(expected);
  };
  // Until the garbage collector has found its pace.
  for (let count = 0; count < 15; count++) await send();
  const before = await peakInBytes();
  for (let count = 0; count < 10; count++) await send();
  for (const stream of streams) stream.end();
  await Promise.all(pages.map((page) => page.complete || once(page, "end")));
  expect(streams).toHaveLength(200);
  // 400 MB have passed.
  expect((await peakInBytes()) - before).toBeLessThan(40 * MB);
});
