import { startSimulator } from "azure-image-simulator";
import type { ResponseRequest } from "../../js/index.js";
import { expect, sent, test } from "./fixtures.js";

// How a turn goes on from the one before: what the service keeps, or what the page sends again.
const WAYS = ["previousResponseId", "conversation", "the picture's call", "the picture itself"] as const;

for (const way of WAYS) {
  test(`a chat of five turns edits one picture, by ${way}`, { tag: "@nightly" }, async ({ page, simulator }) => {
    const turns = await page.evaluate(
      async ([endpoint, way]) => {
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
        const says = ["Draw a mountain lake", "Edit it: a red sky", "Edit it: a forest", "Edit it: a city at night", "Edit it: winter"];
        const conversation = way === "conversation" ? await client.conversations.create() : undefined;
        const turns = [];
        let last: Awaited<ReturnType<typeof client.responses.create>> | undefined;
        let first: ImageData | undefined;
        for (const [turn, text] of says.entries()) {
          const picture = last?.images[0];
          const request: ResponseRequest = { model: "gpt-4.1", input: text, tool: { size: "1024x1024", quality: "low" } };
          if (conversation) request.conversation = conversation;
          if (picture) {
            // Another stripe of the picture may change with each turn, and nothing else.
            const mask = new OffscreenCanvas(1024, 1024);
            const context = mask.getContext("2d");
            context?.fillRect(0, 0, 1024, 1024);
            context?.clearRect(0, turn * 150, 1024, 150);
            request.tool = { ...request.tool, inputImageMask: mask };
            if (way === "previousResponseId" && last?.id) request.previousResponseId = last.id;
            if (way === "the picture's call") request.input = [text, { type: "image_generation_call", id: picture.call?.id }];
            if (way === "the picture itself") request.input = [text, { image: picture }];
          }
          if (way === "the picture itself") request.store = false;
          last = await client.responses.create(request);
          const [image] = last.images;
          if (!image) throw new Error(last.text);
          const bitmap = await createImageBitmap(image.blob);
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
          context?.drawImage(bitmap, 0, 0);
          const pixels = context?.getImageData(0, 0, 1024, 1024);
          first ??= pixels;
          // By rows: those of the stripes differ from the first picture, the others do not.
          const changed = Array.from({ length: 1024 }, (_, row) => row).filter((row) =>
            pixels?.data.slice(row * 4096, (row + 1) * 4096).some((value, index) => value !== first?.data[row * 4096 + index]),
          );
          turns.push({
            id: last.id,
            conversation: last.conversation,
            image: await helpers.describeImage(image),
            changed: [...new Set(changed.map((row) => Math.floor(row / 150)))],
          });
        }
        return { turns, conversation: conversation?.id };
      },
      [simulator.url, way] as const,
    );
    expect(turns.turns.map(({ image }) => image.call?.action)).toEqual(["generate", "edit", "edit", "edit", "edit"]);
    expect(turns.turns.map(({ changed }) => changed)).toEqual([[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]);
    expect(turns.turns.map(({ image }) => image.sha256)).toEqual(sent(simulator, "final"));
    if (way === "conversation") expect(turns.turns.map(({ conversation }) => conversation)).toEqual(Array(5).fill(turns.conversation));
    expect(new Set(turns.turns.map(({ id }) => id)).size).toBe(5);
    expect(simulator.requests.filter(({ method, path }) => method === "POST" && path.endsWith("/responses"))).toHaveLength(5);
  });
}

test("a response that was not stored cannot be gone on from, and says so", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const first = await client.responses.create({ model: "gpt-4.1", input: "Draw a lake", store: false });
    return helpers.responseOutcome(
      client.responses.create({ model: "gpt-4.1", input: "Make it night", ...(first.id && { previousResponseId: first.id }) }),
    );
  }, simulator.url);
  expect(report.error).toMatchObject({ billed: "no", param: "previous_response_id" });
});

test("an agent keeps a conversation too", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(`${endpoint}/api/projects/demo`, () => "simulator-token", { imageDeployment: "gpt-image-1" });
    await client.agents.createVersion("painter", {
      model: "gpt-4.1",
      instructions: "You paint.",
      tools: [{ type: "image_generation", quality: "low" }],
    });
    const conversation = await client.conversations.create();
    const first = await client.responses.create({ agent: "painter", conversation, input: "Draw a lake" });
    const second = await client.responses.create({ agent: "painter", conversation, input: "Edit it: at night" });
    await client.conversations.delete(conversation.id);
    const gone = await helpers.responseOutcome(client.responses.create({ agent: "painter", conversation, input: "Edit it: in winter" }));
    return { first: await helpers.describeResponse(first), second: await helpers.describeResponse(second), gone };
  }, simulator.url);
  expect([report.first, report.second].map(({ images }) => images[0]?.call?.action)).toEqual(["generate", "edit"]);
  expect(report.second.images[0]?.sha256).toBe(sent(simulator, "final")[1]);
  expect(report.gone.error).toMatchObject({ billed: "no", status: 404 });
});

test("the price of the pictures is that of their model, whoever asks", async ({ page, simulator }) => {
  const costs = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1-mini", model: "gpt-image-1" });
    const job = await client.responses.start({ model: "gpt-4.1", input: "Draw a lake", tool: { model: "gpt-image-1-mini", quality: "low" } });
    const results = [await job.result(), await client.responses.get(job.id), await client.responses.resume(job.id).result()];
    return results.map(({ imageUsage }) => imageUsage?.cost);
  }, simulator.url);
  expect(costs[0]).toBeGreaterThan(0);
  expect(new Set(costs).size).toBe(1);
});

test("where ids of files are refused as pictures, the error says what to pass instead; where not, the picture is the file's", async ({
  page,
  simulator,
}) => {
  const ask = async (endpoint: string) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const {
      images: [lake],
    } = await client.generate({ prompt: "a lake", size: "1024x1024" });
    const { id } = await client.files.upload(lake!);
    const tool = { action: "edit", size: "1024x1024" } as const;
    const [byId, byPicture] = [{ fileId: id }, { image: lake! }].map((part) =>
      client.responses.create({ model: "gpt-4.1", input: ["Edit it: at night", part], tool }),
    );
    return { byId: await helpers.responseOutcome(byId!), byPicture: await helpers.responseOutcome(byPicture!) };
  };
  const refused = await page.evaluate(ask, simulator.url);
  expect(refused.byId.error).toMatchObject({ code: "invalid_request", billed: "no", message: expect.stringContaining("{ image: file }") });
  const lenient = await startSimulator({ acceptFileIds: true });
  try {
    const taken = await page.evaluate(ask, lenient.url);
    expect(taken.byId.ok?.images[0]?.sha256).toBe(taken.byPicture.ok?.images[0]?.sha256);
  } finally {
    await lenient.close();
  }
});
