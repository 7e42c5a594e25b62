import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.js";

// Zone.js, which Angular uses, replaces Promise. It reports a rejection that has no handler when its own queue is empty, which is before
// an `await` of the page has attached one.
for (const when of ["before", "at once", "in a microtask", "in a task", "never, with an invalid request"] as const) {
  test(`a call that is aborted ${when} logs nothing in a page with Zone.js`, { tag: "@browser" }, async ({ browser, pages, simulator }) => {
    const page = await browser.newPage();
    const zone = await readFile(new URL(import.meta.resolve("zone.js")), "utf8");
    await page.addInitScript({ content: zone });
    const logged: string[] = [];
    page.on("console", (message) => logged.push(message.text()));
    page.on("pageerror", (error) => logged.push(String(error)));
    await page.goto(pages.origin);
    const report = await page.evaluate(
      async ([endpoint, when]) => {
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", imageDeployment: "gpt-image-1" });
        const prompt = { prompt: "a lake [stall]", ...(when.startsWith("never") && { size: 5 as never }) };
        const response = { model: "gpt-4.1", input: "draw a lake [stall]", ...(when.startsWith("never") && { toolChoice: 5 as never }) };
        const id = when.startsWith("never") ? (5 as never) : "file-1";
        const image = new Blob([Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91Jpz"), (letter) => letter.charCodeAt(0))]);
        const first = async (list: AsyncIterable<unknown>) => {
          for await (const item of list) return item;
          return undefined;
        };
        const calls: ((options: { abortSignal: AbortSignal }) => unknown)[] = [
          (options) => client.generate(prompt, options),
          (options) => client.generateStream(prompt, options).result(),
          (options) => first(client.generateStream(prompt, options)),
          (options) => client.edit({ ...prompt, image }, options),
          (options) => client.editStream({ ...prompt, image }, options).result(),
          (options) => client.probe(when.startsWith("never") ? ({ size: 5 } as never) : options),
          (options) => client.responses.create(response, options),
          (options) => client.responses.stream(response, options).result(),
          (options) => client.responses.start(response, options),
          (options) => client.responses.resume(id, options).result(),
          (options) => first(client.responses.resume(id, options)),
          (options) => client.responses.get(id, options),
          (options) => client.responses.cancel(id, options),
          (options) => client.responses.delete(id, options),
          (options) => client.files.upload(when.startsWith("never") ? (5 as never) : image, options),
          (options) => client.files.get(id, options),
          (options) => first(client.files.list(when.startsWith("never") ? ({ order: 5 } as never) : options)),
          (options) => client.conversations.get(id, options),
        ];
        const run = async (call: (typeof calls)[number]) => {
          const controller = new AbortController();
          if (when === "before") controller.abort();
          const promise = call({ abortSignal: controller.signal });
          if (when === "at once") controller.abort();
          if (when === "in a microtask") queueMicrotask(() => controller.abort());
          if (when === "in a task") setTimeout(() => controller.abort());
          try {
            await promise;
            return "ok";
          } catch (error) {
            return (error as { code: string }).code;
          }
        };
        const codes = [];
        for (let round = 0; round < 2; round += 1) for (const call of calls) codes.push(await run(call));
        // Streams that nobody reads.
        client.generateStream(prompt).cancel();
        client.responses.stream(response).dispose();
        await new Promise((resolve) => setTimeout(resolve));
        return { codes: [...new Set(codes)], isZone: "Zone" in globalThis, unhandled: helpers.unhandled };
      },
      [simulator.url, when] as const,
    );
    expect(report).toMatchObject({ isZone: true, unhandled: [] });
    expect(report.codes).toEqual([when.startsWith("never") ? "invalid_request" : "cancelled"]);
    expect(logged.filter((text) => !text.includes("Failed to load resource")).map((text) => text.slice(0, 60))).toEqual([]);
    await page.close();
  });
}

test("a rejection that the page forgets is still reported by the browser", async ({ page, engine }) => {
  test.skip(engine === "firefox", "Firefox tells its driver of each rejection, so that the test would fail for what it expects.");
  const reasons = await page.evaluate(async () => {
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", null);
    // Not an error of the page. Node's events have no default.
    const handle = (event: Partial<Event>) => event.preventDefault?.();
    globalThis.addEventListener?.("unhandledrejection", handle as EventListener);
    const wrong = null as never;
    void client.generate(wrong);
    void client.edit(wrong);
    void client.validate(wrong);
    void client.responses.create(wrong);
    void client.responses.start(wrong);
    void client.responses.get(wrong);
    void client.responses.cancel(wrong);
    void client.responses.delete(wrong);
    void client.files.get(wrong);
    await azure.init();
    while (helpers.unhandled.length < 9) await new Promise((resolve) => setTimeout(resolve));
    globalThis.removeEventListener?.("unhandledrejection", handle as EventListener);
    return helpers.unhandled.splice(0);
  });
  expect(reasons.every((reason) => reason.startsWith("AzureImageError"))).toBe(true);
});
