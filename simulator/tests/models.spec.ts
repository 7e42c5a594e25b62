/** The models that exist from the start, and what sets the newer ones apart. */

import sharp from "sharp";
import { compare, file, mask, photograph } from "./artwork.js";
import { classic, expect, form, post, postForm, readEvents, test, V1 } from "./fixtures.js";
import { flux, MAI } from "./single-image.js";

const TOOL = { tools: [{ type: "image_generation" }], tool_choice: "required" };

const deployed: readonly [path: string, models: readonly string[]][] = [
  [V1, ["gpt-image-2.5-flare", "gpt-image-2.5-sunburst", "gpt-image-2", "gpt-image-1.5", "gpt-image-1-mini", "gpt-image-1", "dall-e-3", "dall-e-2"]],
  [
    MAI,
    ["MAI-Image-2.5", "MAI-Image-2.5-Flash", "MAI-Image-2.5-Pro", "MAI-Image-2.6", "MAI-Image-2.6-Flash", "MAI-Image-2.7", "MAI-Image-2.7-Flash"],
  ],
  [flux("flux-2-pro"), ["FLUX.2-pro"]],
  [flux("flux-2-flex"), ["FLUX.2-flex"]],
  [flux("flux-kontext-pro"), ["FLUX.1-Kontext-pro"]],
  [flux("flux-pro-1.1"), ["FLUX-1.1-pro"]],
];
for (const [path, models] of deployed) {
  for (const model of models) {
    test(`${model} is deployed, in any case`, async ({ simulator }) => {
      for (const name of [model, model.toUpperCase(), `${model.toLowerCase()}--chunk-100000`]) {
        expect((await post(simulator, { model: name, prompt: "a lake" }, { path })).status, name).toBe(200);
      }
    });
  }
}

for (const model of ["MAI-Image-2.6", "FLUX.2-pro", "FLUX.1-Kontext-pro"]) {
  test(`${model} is refused on the OpenAI routes`, async ({ simulator }) => {
    const refused = async (response: Response) => {
      expect(response.status).toBe(400);
      expect((await response.json()).error).toMatchObject({ code: "OperationNotSupported", message: expect.stringContaining(model) });
    };
    const image = file(await photograph(64, 64).png().toBuffer(), "image.png");
    await refused(await post(simulator, { model, prompt: "a lake" }));
    await refused(await post(simulator, { prompt: "a lake" }, { path: classic(model) }));
    await refused(await postForm(simulator, form({ model, prompt: "a lake", image })));
    const headers = { "x-ms-oai-image-generation-deployment": model };
    await refused(await post(simulator, { model: "gpt-5.5", input: "a lake", ...TOOL }, { path: "/openai/v1/responses", headers }));
  });
}

const tokens: readonly [model: string, quality: string, tokens: number][] = [
  ...["gpt-image-2.5-flare", "gpt-image-2.5-sunburst"].flatMap((model) =>
    Object.entries({ low: 196, medium: 439, high: 1756, xhigh: 3122, max: 7024, auto: 439 }).map(
      ([quality, count]) => [model, quality, count] as [string, string, number],
    ),
  ),
  ["gpt-image-2", "low", 196],
  ["gpt-image-2", "medium", 1756],
  ["gpt-image-2", "high", 7024],
];
for (const [model, quality, count] of tokens) {
  test(`${model} in ${quality} quality has ${count} tokens`, async ({ simulator }) => {
    const response = await post(simulator, { model, prompt: "a lake", quality, size: "1024x1024" });
    const document = await response.json();
    expect(document).toMatchObject({ quality: quality === "auto" ? "medium" : quality, usage: { output_tokens: count } });
  });
}

for (const quality of ["xhigh", "max"]) {
  test(`gpt-image-2 refuses ${quality}, also in the tool`, async ({ simulator }) => {
    const error = { code: "invalid_value", message: `The model 'gpt-image-2' does not support quality '${quality}'` };
    const direct = await post(simulator, { model: "gpt-image-2", prompt: "a lake", quality });
    expect(direct.status).toBe(400);
    expect((await direct.json()).error).toMatchObject({ ...error, param: "quality" });

    const body = { model: "gpt-5.5", input: "Draw a lake", tools: [{ type: "image_generation", quality }] };
    const respond = (deployment: string) =>
      post(simulator, body, { path: "/openai/v1/responses", headers: { "x-ms-oai-image-generation-deployment": deployment } });
    const inTool = await respond("gpt-image-2");
    expect(inTool.status).toBe(400);
    expect((await inTool.json()).error).toMatchObject({ ...error, param: "tools[0].quality" });
    expect((await respond("gpt-image-2.5-sunburst")).status).toBe(200);
  });
}

for (const model of ["gpt-image-2.5-flare", "gpt-image-2.5-sunburst"]) {
  test(`${model} takes free sizes and a transparent background`, async ({ simulator }) => {
    const response = await post(simulator, { model, prompt: "a lake", size: "1008x752", background: "transparent" });
    const [image] = ((await response.json()) as any).data;
    expect(await sharp(Buffer.from(image.b64_json, "base64")).metadata()).toMatchObject({ width: 1008, height: 752, hasAlpha: true });
    expect((await post(simulator, { model, prompt: "a lake", size: "1000x1000" })).status).toBe(400);
  });

  test(`${model} streams, and edits with a mask but without input_fidelity`, async ({ simulator }) => {
    const original = await photograph(1024, 1024).png().toBuffer();
    const hole = { left: 300, top: 300, width: 400, height: 400 };
    const fields = {
      ...{ model, prompt: "a forest", stream: "true", partial_images: "1" },
      ...{ "image[]": file(original, "image.png"), mask: file(await mask(1024, 1024, hole).png().toBuffer(), "mask.png") },
    };
    const events = readEvents(await (await postForm(simulator, form(fields))).text());
    expect(events.map(({ name }) => name)).toEqual(["image_edit.partial_image", "image_edit.completed"]);
    const result = Buffer.from(events[1]?.data["b64_json"], "base64");
    const { outside, outsideAlike, inside, insideAlike } = await compare(original, result, hole);
    expect(outsideAlike).toBe(outside);
    expect(insideAlike).toBeLessThan(inside * 0.05);

    const refused = await postForm(simulator, form({ ...fields, input_fidelity: "high" }));
    expect((await refused.json()).error).toMatchObject({
      code: "invalid_input_fidelity_model",
      message: `The model '${model}' does not support the 'input_fidelity' parameter.`,
    });
  });
}

for (const model of ["gpt-5.5", "gpt-5.6-luna", "gpt-5.6-sol", "gpt-5.6-terra"]) {
  test(`${model} draws with the tool`, async ({ simulator }) => {
    const body = { model, input: "a lake", ...TOOL };
    const headers = { "x-ms-oai-image-generation-deployment": "gpt-image-2.5-flare" };
    const response = await post(simulator, body, { path: "/openai/v1/responses", headers });
    expect(response.status).toBe(200);
    expect(simulator.pictures).toHaveLength(1);
  });
}
