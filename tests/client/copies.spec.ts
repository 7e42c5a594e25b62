import { expect, test } from "./fixtures.js";

test("instanceof accepts the instances of another copy of the package, and nothing else", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const copy = (await import(`${location.origin}/azure-image-client/azure-image-client.min.js`)) as typeof azure;
    const { AzureImageError } = azure;
    const fields = { code: "cancelled", message: "The call was cancelled.", billed: "no", retryable: false } as const;
    class Special extends AzureImageError {}
    class OtherSpecial extends copy.AzureImageError {}
    const options = { deployment: "gpt-image-1" };
    const key = { key: "simulator-key" };
    const [own, other] = [new azure.AzureImageClient(endpoint, key, options), new copy.AzureImageClient(endpoint, key, options)];
    const [image, otherImage] = [(await own.generate({ prompt: "a lake" })).images[0]!, (await other.generate({ prompt: "a lake" })).images[0]!];
    const GeneratedImage = image.constructor as new () => object;
    const edited = await own.edit({ prompt: "at night", image: otherImage });
    const response = await own.responses.create({ model: "gpt-4.1", input: ["at night", { image: otherImage }] }, {}).catch((error: Error) => error);
    const json = await own.generate({ prompt: "a lake", extraBody: { image: otherImage } }).catch((error: Error) => error.message);
    const is = (value: unknown, type: abstract new (...parameters: never[]) => unknown) => value instanceof type;
    const error = new AzureImageError(fields);
    return {
      copies: copy.AzureImageError !== AzureImageError,
      accepted: [
        is(new copy.AzureImageError(fields), AzureImageError),
        is(error, copy.AzureImageError),
        is(new Special(fields), AzureImageError),
        is(new Special(fields), Special),
        is(new OtherSpecial(fields), AzureImageError),
        is(new Proxy(error, {}), copy.AzureImageError),
        is(error, Error),
        is(otherImage, GeneratedImage),
        is(image, otherImage.constructor as never),
        is(other, azure.AzureImageClient),
        is(own, copy.AzureImageClient),
      ],
      refused: [
        is(error, Special),
        is(new copy.AzureImageError(fields), Special),
        is(new OtherSpecial(fields), Special),
        is(AzureImageError.prototype, AzureImageError),
        is(Object.create(error), AzureImageError),
        is({ ...error }, AzureImageError),
        is(JSON.parse(JSON.stringify(error)), AzureImageError),
        is(structuredClone(image), GeneratedImage),
        is(Object.assign({}, image), GeneratedImage),
        is(new Error("a"), AzureImageError),
        is(null, AzureImageError),
        is("cancelled", AzureImageError),
        is(() => {}, AzureImageError),
        is(image, AzureImageError),
      ],
      edited: edited.images.length,
      response: response instanceof Error ? response.message : response.status,
      json,
    };
  }, simulator.url);
  expect(report.copies).toBe(true);
  expect(report.accepted).toEqual(Array(11).fill(true));
  expect(report.refused).toEqual(Array(14).fill(false));
  expect(report.edited).toBe(1);
  expect(report.json).toContain("cannot hold a Blob, bytes or a GeneratedImage");
  expect(report.response).not.toContain("must be");
});

test("a structured clone of an image keeps its bytes, also in IndexedDB", { tag: "@browser" }, async ({ page, simulator, engine }) => {
  test.skip(engine === "webkit", "WebKitGTK's IndexedDB stores no Blob here.");
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const [image] = (await client.generate({ prompt: "a lake" })).images;
    const done = <Value>(request: IDBRequest<Value>) =>
      new Promise<Value>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const opening = indexedDB.open("images", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("images");
    const database = await done(opening);
    const store = () => database.transaction("images", "readwrite").objectStore("images");
    await done(store().put(image, "image"));
    await done(store().put(image!.blob, "blob"));
    const stored = (await done(store().get("image"))) as Record<string, unknown>;
    const blob = (await done(store().get("blob"))) as Blob;
    database.close();
    indexedDB.deleteDatabase("images");
    const { port1, port2 } = new MessageChannel();
    const sent = new Promise<Record<string, unknown>>((resolve) => (port2.onmessage = ({ data }) => resolve(data)));
    port1.postMessage(image);
    const hash = await helpers.sha256(image!.blob);
    const hashes = [stored["blob"], blob, (await sent)["blob"], ({ ...image } as { blob?: Blob }).blob].map((copy) => helpers.sha256(copy as Blob));
    port1.close();
    const { blob: _, ...rest } = stored;
    return { same: (await Promise.all(hashes)).every((other) => other === hash), rest, keys: Object.keys(image!) };
  }, simulator.url);
  expect(report.same).toBe(true);
  expect(report.rest).toMatchObject({ mediaType: "image/png", width: 1024, height: 1024 });
  expect(report.keys).toContain("blob");
});

test("an object URL on a platform without them is an error with the remedy", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const [image] = (await client.generate({ prompt: "a lake" })).images;
    const { createObjectURL } = URL;
    const errors = [];
    for (const missing of [undefined, () => JSON.parse("not here")]) {
      URL.createObjectURL = missing as never;
      errors.push((await helpers.settled(async () => image!.objectUrl)).error);
    }
    URL.createObjectURL = createObjectURL;
    const isUrl = image!.objectUrl.startsWith("blob:");
    image!.dispose();
    return { errors, isUrl, bytes: (await image!.bytes()).length === image!.byteLength };
  }, simulator.url);
  for (const error of report.errors) {
    expect(error).toMatchObject({ isAzureImageError: true, code: "invalid_request", param: "objectUrl", billed: "yes" });
    expect(error?.message).toContain("Use image.blob or image.bytes().");
  }
  expect(report).toMatchObject({ isUrl: true, bytes: true });
});
