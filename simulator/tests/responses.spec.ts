/** Responses in one document: what they hold, what they start from, and what is refused. */

import sharp from "sharp";
import { startSimulator } from "azure-image-simulator";
import { compare, mask, photograph } from "./artwork.js";
import { expect, form, sha256, test } from "./fixtures.js";
import {
  AGENTS,
  ask,
  askJson,
  create,
  drawing,
  HEADERS,
  inputImage,
  message,
  picturesOf,
  poll,
  RESPONSES,
  streamedDrawing,
  textOf,
  tool,
} from "./responses.js";

const HOLE = { left: 300, top: 300, width: 500, height: 400 };
const original = await photograph(1024, 1024).png().toBuffer();
const opened = await mask(1024, 1024, HOLE).png().toBuffer();

test("a response holds a picture and a message", async ({ simulator }) => {
  const response = await create(simulator, drawing("Draw a lake", { metadata: { app: "studio" }, instructions: "Be brief." }));
  const [call, words] = response.output;
  expect(response).toMatchObject({
    id: expect.stringMatching(/^resp_[0-9a-f]{48}$/),
    object: "response",
    status: "completed",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: "Be brief.",
    model: "gpt-4.1",
    previous_response_id: null,
    metadata: { app: "studio" },
    tools: [{ type: "image_generation", quality: "low", size: "auto" }],
    usage: { input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
    tool_usage: { image_gen: { output_tokens: 272, output_tokens_details: { image_tokens: 272 } } },
  });
  expect(response).not.toHaveProperty("agent_reference");
  expect(call).toMatchObject({
    type: "image_generation_call",
    status: "completed",
    action: "generate",
    quality: "low",
    size: "1024x1024",
    background: "opaque",
    output_format: "png",
    revised_prompt: expect.stringContaining("a lake"),
  });
  expect(await sharp(Buffer.from(call.result, "base64")).metadata()).toMatchObject({ format: "png", width: 1024, height: 1024 });
  expect(simulator.pictures.map((picture) => picture.sha256)).toEqual([sha256(call.result)]);
  expect(words).toMatchObject({ type: "message", role: "assistant", content: [{ type: "output_text", text: "Here is your picture." }] });
});

test("the options of the tool shape the picture", async ({ simulator }) => {
  const options = {
    model: "gpt-image-1",
    size: "1536x1024",
    quality: "medium",
    output_format: "webp",
    output_compression: 60,
    moderation: "low",
    background: "transparent",
    input_fidelity: "high",
    partial_images: 3,
    action: "auto",
  };
  const [picture] = picturesOf(await create(simulator, drawing("Draw a lake", { tools: [tool(options)] })));
  expect(await sharp(picture).metadata()).toMatchObject({ format: "webp", width: 1536, height: 1024, hasAlpha: true });
});

const words: readonly [what: string, input: string, choice: unknown, pictures: number][] = [
  ["a question", "What is a lake?", "auto", 0],
  ["a wish", "Please paint a lake", "auto", 1],
  ["a wish that may not be granted", "Please paint a lake", "none", 0],
  ["a question that has to be answered by a picture", "What is a lake?", { type: "image_generation" }, 1],
  ["a question that has to be answered by a tool", "What is a lake?", "required", 1],
];
for (const [what, input, choice, pictures] of words) {
  test(`${what} leads to ${pictures} pictures`, async ({ simulator }) => {
    const response = await create(simulator, drawing(input, { tool_choice: choice }));
    expect(picturesOf(response)).toHaveLength(pictures);
    expect(textOf(response)).toBeTruthy();
  });
}

test("without the tool there are words only, and no header is needed", async ({ simulator }) => {
  const { [`x-ms-oai-image-generation-deployment`]: _, ...headers } = HEADERS;
  const response = await ask(simulator, RESPONSES.resource, { headers, body: { model: "gpt-4.1", input: "Draw a lake" } });
  expect(response.status).toBe(200);
  expect(picturesOf(await response.json())).toEqual([]);
});

test.describe("an edit", () => {
  test("changes the picture of the input", async ({ simulator }) => {
    const [edited] = picturesOf(await create(simulator, drawing(message("Make it autumn", inputImage(original)))));
    const { inside, insideAlike } = await compare(original, edited as Buffer, HOLE);
    expect(insideAlike).toBeLessThan(inside * 0.05);
  });

  test("keeps what the mask closes", async ({ simulator }) => {
    const tools = [tool({ action: "edit", input_image_mask: { image_url: inputImage(opened).image_url } })];
    const response = await create(simulator, drawing(message("Add a pond", inputImage(original)), { tools }));
    expect(response.output[0].action).toBe("edit");
    const { outside, outsideAlike, inside, insideAlike } = await compare(original, picturesOf(response)[0] as Buffer, HOLE);
    expect(outsideAlike).toBe(outside);
    expect(insideAlike).toBeLessThan(inside * 0.05);
  });

  test("goes on from the response before, through one without a picture", async ({ simulator }) => {
    const first = await create(simulator, drawing("Draw a lake"));
    const second = await create(simulator, drawing("How deep is it?", { previous_response_id: first.id }));
    expect(picturesOf(second)).toEqual([]);
    const third = await create(simulator, drawing("Make it autumn", { previous_response_id: second.id }));
    expect(third.output[0].action).toBe("edit");
    expect(third.previous_response_id).toBe(second.id);
    const fresh = await create(simulator, drawing("Make it autumn"));
    expect(fresh.output[0].action).toBe("generate");
    expect(third.output[0].result).not.toBe(fresh.output[0].result);
  });

  test("goes on from a conversation", async ({ simulator }) => {
    const conversation = await create(simulator, { metadata: { app: "studio" } }, "/openai/v1/conversations");
    await create(simulator, drawing("Draw a lake", { conversation: conversation.id }));
    const second = await create(simulator, drawing("Make it autumn", { conversation: { id: conversation.id } }));
    expect(second).toMatchObject({ conversation: { id: conversation.id }, output: [{ action: "edit" }, {}] });
    const { data } = await askJson(simulator, `/openai/v1/conversations/${conversation.id}/items?order=asc`);
    expect(data.map(({ type }: any) => type)).toEqual(["message", "image_generation_call", "message", "message", "image_generation_call", "message"]);
  });

  test("goes on from a call that is named, or that comes with its picture", async ({ simulator }) => {
    const [call] = (await create(simulator, drawing("Draw a lake"))).output;
    const items = (item: object) => drawing([...message("Make it autumn"), item]);
    const byId = await create(simulator, items({ type: "image_generation_call", id: call.id }));
    const byResult = await create(simulator, items({ type: "image_generation_call", id: "ig_elsewhere", result: call.result }));
    const byReference = await create(simulator, items({ type: "item_reference", id: call.id }));
    expect(byId.output[0].action).toBe("edit");
    expect(byResult.output[0].result).toBe(byId.output[0].result);
    expect(byReference.output[0].result).toBe(byId.output[0].result);
  });

  test("is not made when a new picture is asked for by the action", async ({ simulator }) => {
    const body = drawing(message("Make it autumn", inputImage(original)), { tools: [tool({ action: "generate" })] });
    expect((await create(simulator, body)).output[0].action).toBe("generate");
  });
});

test.describe("the ids of files as pictures", () => {
  const upload = (url: string) =>
    fetch(`${url}/openai/v1/files`, {
      method: "POST",
      headers: { "api-key": "simulator-key" },
      body: form({ purpose: "assistants", file: new File([new Uint8Array(original)], "a.png", { type: "image/png" }) }),
    }).then((response) => response.json() as Promise<any>);

  test("are refused, as on Azure", async ({ simulator }) => {
    const { id } = await upload(simulator.url);
    const response = await ask(simulator, RESPONSES.resource, { body: drawing(message("Edit it", { type: "input_image", file_id: id })) });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: "input[0].content[1].file_id" } });
  });

  test("are taken with the option", async () => {
    const simulator = await startSimulator({ acceptFileIds: true });
    const { id } = await upload(simulator.url);
    const response = await create(simulator, drawing(message("Edit it", { type: "input_image", file_id: id })));
    expect(response.output[0].action).toBe("edit");
    const unknown = await ask(simulator, RESPONSES.resource, { body: drawing(message("Edit it", { type: "input_image", file_id: "file-x" })) });
    expect(await unknown.json()).toMatchObject({ error: { code: "image_file_not_found" } });
    await simulator.close();
  });
});

const agentReference = { type: "agent_reference", name: "painter" };

test.describe("refusals", () => {
  const bodies: readonly [what: string, body: object, status: number, error: Record<string, unknown>][] = [
    ["no model", { ...drawing(), model: undefined }, 400, { param: "model", code: "missing_required_parameter" }],
    ["no input", { ...drawing(), input: undefined }, 400, { param: "input", code: "missing_required_parameter" }],
    ["an unknown model", drawing("Draw", { model: "nowhere" }), 404, { code: "DeploymentNotFound" }],
    ["an image model", drawing("Draw", { model: "gpt-image-1" }), 400, { code: "OperationNotSupported" }],
    ["an unknown parameter", drawing("Draw", { size: "1024x1024" }), 400, { param: "size", code: "unknown_parameter" }],
    ["an agent on a resource", drawing("Draw", { agent_reference: agentReference }), 400, { param: "agent_reference", code: "unknown_parameter" }],
    ["a wrong type", drawing("Draw", { stream: "yes" }), 400, { param: "stream", code: "invalid_type" }],
    ["an unknown option", drawing("Draw", { tools: [tool({ format: "png" })] }), 400, { param: "tools[0].format", code: "unknown_parameter" }],
    ["a wrong quality", drawing("Draw", { tools: [tool({ quality: "hd" })] }), 400, { param: "tools[0].quality", code: "invalid_value" }],
    ["a wrong size", drawing("Draw", { tools: [tool({ size: "1000x1000" })] }), 400, { param: "tools[0].size", code: "invalid_value" }],
    ["too many previews", drawing("Draw", { tools: [tool({ partial_images: 4 })] }), 400, { param: "tools[0].partial_images" }],
    [
      "a wrong compression",
      drawing("Draw", { tools: [tool({ output_format: "jpeg", output_compression: 101 })] }),
      400,
      { param: "tools[0].output_compression" },
    ],
    [
      "a transparent JPEG",
      drawing("Draw", { tools: [tool({ output_format: "jpeg", background: "transparent" })] }),
      400,
      { param: "tools[0].background" },
    ],
    ["a wrong action", drawing("Draw", { tools: [tool({ action: "paint" })] }), 400, { param: "tools[0].action" }],
    ["an edit of nothing", drawing("Draw", { tools: [tool({ action: "edit" })] }), 400, { param: "tools[0].action" }],
    ["a mask that is a text", drawing("Draw", { tools: [tool({ input_image_mask: "mask" })] }), 400, { param: "tools[0].input_image_mask" }],
    [
      "a choice of a tool that is not there",
      drawing("Draw", { tools: [], tool_choice: { type: "image_generation" } }),
      400,
      { param: "tool_choice" },
    ],
    ["an unknown choice", drawing("Draw", { tool_choice: "always" }), 400, { param: "tool_choice" }],
    ["an unknown role", drawing([{ role: "painter", content: "Draw" }]), 400, { param: "input[0].role" }],
    ["an unknown part", drawing(message("Draw", { type: "image" })), 400, { param: "input[0].content[1].type" }],
    [
      "a picture elsewhere",
      drawing(message("Draw", { type: "input_image", image_url: "https://example.com/a.png" })),
      400,
      { code: "failed_to_download_image" },
    ],
    [
      "a picture that is no URL",
      drawing(message("Draw", { type: "input_image", image_url: "a.png" })),
      400,
      { param: "input[0].content[1].image_url" },
    ],
    ["a picture without URL and id", drawing(message("Draw", { type: "input_image" })), 400, { param: "input[0].content[1]" }],
    [
      "a picture that is no base64",
      drawing(message("Draw", { type: "input_image", image_url: "data:image/png;base64,!!!!" })),
      400,
      { code: "invalid_base64_image" },
    ],
    ["a picture that is none", drawing(message("Draw", inputImage(Buffer.from("text")))), 400, { code: "invalid_image_file" }],
    ["a BMP", drawing(message("Draw", inputImage(original, "image/bmp"))), 400, { code: "unsupported_file_mimetype" }],
    [
      "an unknown call",
      drawing([...message("Draw"), { type: "image_generation_call", id: "ig_x" }]),
      404,
      { message: "Item with id 'ig_x' not found." },
    ],
    ["an unknown response before", drawing("Draw", { previous_response_id: "resp_x" }), 400, { code: "previous_response_not_found" }],
    ["an unknown conversation", drawing("Draw", { conversation: "conv_x" }), 404, { param: "conversation" }],
    [
      "a response before and a conversation",
      drawing("Draw", { previous_response_id: "a", conversation: "b" }),
      400,
      { code: "mutually_exclusive_parameters" },
    ],
    ["background without store", drawing("Draw", { background: true, store: false }), 400, { param: "background" }],
    [
      "17 pairs of metadata",
      drawing("Draw", { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [index, ""])) }),
      400,
      { code: "object_above_max_properties" },
    ],
    ["a long key", drawing("Draw", { metadata: { ["k".repeat(65)]: "" } }), 400, { code: "string_above_max_length" }],
    ["a long value", drawing("Draw", { metadata: { key: "v".repeat(513) } }), 400, { code: "string_above_max_length" }],
    [
      "a forbidden prompt",
      drawing("Draw gore"),
      400,
      { code: "content_filter", param: "prompt", innererror: { code: "ResponsibleAIPolicyViolation" } },
    ],
  ];
  for (const [what, body, status, error] of bodies) {
    test(`of ${what}`, async ({ simulator }) => {
      const response = await ask(simulator, RESPONSES.resource, { body });
      expect(await response.json()).toMatchObject({ error });
      expect(response.status).toBe(status);
    });
  }

  const lookup = { type: "function", name: "lookup", parameters: {} };
  const toolErrors: readonly [what: string, more: object, error: object][] = [
    [
      "an unknown tool",
      { tools: [{ type: "web_serch" }] },
      {
        type: "invalid_request_error",
        param: "tools[0].type",
        code: "invalid_value",
        message: expect.stringMatching(
          /^Invalid value: 'web_serch'\. Supported values are: 'function', .*'image_generation', .* and 'apply_patch'\.$/,
        ),
      },
    ],
    ["an unknown tool behind a known one", { tools: [tool(), { type: "image_gen" }] }, { param: "tools[1].type", code: "invalid_value" }],
    ["a tool without a type", { tools: [{ name: "lookup" }] }, { param: "tools[0].type", code: "missing_required_parameter" }],
    ["a tool whose type is no text", { tools: [{ type: 1 }] }, { param: "tools[0].type", code: "invalid_type" }],
    ["a tool that is no object", { tools: ["image_generation"] }, { param: "tools[0]", code: "invalid_type" }],
    [
      "a choice of web search that is not there",
      { tool_choice: { type: "web_search" } },
      { param: "tool_choice", message: expect.stringContaining("'web_search' not found") },
    ],
    [
      "a choice of a function that is not there",
      { tools: [lookup], tool_choice: { type: "function", name: "other" } },
      { param: "tool_choice", message: expect.stringContaining("'other' not found") },
    ],
  ];
  for (const [what, more, error] of toolErrors) {
    test(`of ${what}`, async ({ simulator }) => {
      const response = await ask(simulator, RESPONSES.resource, { body: drawing("Draw", more) });
      expect(await response.json()).toMatchObject({ error });
      expect(response.status).toBe(400);
    });
  }

  const { [`x-ms-oai-image-generation-deployment`]: _, ...noDeployment } = HEADERS;
  const headers: readonly [what: string, headers: Record<string, string>, status: number, body: Record<string, unknown>][] = [
    [
      "no image deployment",
      noDeployment,
      400,
      {
        error: {
          message: "imagegen deployment must be provided through header: x-ms-oai-image-generation-deployment",
          type: "image_generation_user_error",
          param: "tools",
          code: "invalid_request_error",
        },
      },
    ],
    [
      "an unknown image deployment",
      { ...HEADERS, "x-ms-oai-image-generation-deployment": "nowhere" },
      404,
      { error: { code: "DeploymentNotFound" } },
    ],
    [
      "a deployment of a text model for images",
      { ...HEADERS, "x-ms-oai-image-generation-deployment": "gpt-4.1" },
      400,
      { error: { code: "OperationNotSupported" } },
    ],
    ["a deployment of dall-e", { ...HEADERS, "x-ms-oai-image-generation-deployment": "dall-e-3" }, 400, { error: { param: "tools[0].model" } }],
    ["a wrong key", { ...HEADERS, "api-key": "wrong" }, 401, { error: { code: "401" } }],
  ];
  for (const [what, given, status, body] of headers) {
    test(`of ${what}`, async ({ simulator }) => {
      const response = await ask(simulator, RESPONSES.resource, { headers: given, body: drawing() });
      expect(await response.json()).toMatchObject(body);
      expect(response.status).toBe(status);
    });
  }

  test("of a size follows the model in the header", async ({ simulator }) => {
    const body = drawing("Draw", { tools: [tool({ size: "1024x640" })] });
    const ofModel = (model: string) =>
      ask(simulator, RESPONSES.resource, { body, headers: { ...HEADERS, "x-ms-oai-image-generation-deployment": model } });
    expect((await ofModel("gpt-image-1")).status).toBe(400);
    expect((await ofModel("gpt-image-2")).status).toBe(200);
  });
});

test.describe("in a project", () => {
  test.beforeEach(async ({ simulator }) => {
    const definition = { kind: "prompt", model: "gpt-4.1", instructions: "Paint.", tools: [tool({ size: "1536x1024" })] };
    await create(simulator, { definition }, `${AGENTS}/painter/versions?api-version=v1`);
    await create(simulator, { definition: { ...definition, tools: [tool()] } }, `${AGENTS}/painter/versions?api-version=v1`);
  });

  const agents: readonly [path: string, body: object, status: number, expected: Record<string, unknown>][] = [
    [RESPONSES["project v1"], { agent_reference: agentReference }, 200, { agent_reference: { ...agentReference, version: "2" } }],
    [
      RESPONSES["project v1"],
      { agent_reference: { ...agentReference, version: "1" } },
      200,
      { output: [{ size: "1536x1024", agent_reference: { ...agentReference, version: "1" } }, {}] },
    ],
    [RESPONSES["project dated"], { agent: agentReference }, 200, { agent: { type: "agent_id", name: "painter", version: "2" } }],
    [RESPONSES["project v1"], drawing(), 200, { agent_reference: null, model: "gpt-4.1" }],
    [
      RESPONSES["project v1"],
      { agent: agentReference },
      400,
      { error: { code: "invalid_payload", message: "The 'agent' property is deprecated. Use 'agent_reference' instead.", param: "agent" } },
    ],
    [RESPONSES["project dated"], { agent_reference: agentReference }, 400, { error: { code: "invalid_payload" } }],
    [
      RESPONSES["project v1"],
      { agent_reference: agentReference, tools: [] },
      400,
      { error: { message: "Not allowed when agent is specified.", param: "tools" } },
    ],
    [
      RESPONSES["project v1"],
      { agent_reference: agentReference, text: {} },
      400,
      { error: { message: "Not allowed when agent is specified.", param: "text" } },
    ],
    [
      RESPONSES["project dated"],
      { agent: agentReference, tools: [] },
      400,
      { error: { message: "Not allowed when agent is specified.", param: "tools" } },
    ],
    [RESPONSES["project v1"], { agent_reference: { ...agentReference, name: "nobody" } }, 404, { error: { message: "Agent nobody not found." } }],
    [RESPONSES["project v1"], { agent_reference: { ...agentReference, version: "9" } }, 404, { error: { code: "not_found" } }],
    [RESPONSES["project v1"], { agent_reference: { name: "painter" } }, 400, { error: { param: "agent_reference.type" } }],
    [`${RESPONSES["project v1"]}?api-version=v1`, { agent_reference: agentReference }, 400, { error: { message: "API version not supported" } }],
    ["/api/projects/studio/openai/responses", { agent: agentReference }, 404, { error: { code: "404" } }],
    ["/api/projects/studio/openai/responses?api-version=v1", { agent: agentReference }, 400, { error: { code: "BadRequest" } }],
    ["/api/projects/other/openai/v1/responses", { agent_reference: agentReference }, 404, { error: { code: "not_found" } }],
  ];
  for (const [path, body, status, expected] of agents) {
    const short = JSON.stringify(body).slice(0, 90);
    test(`${path} answers ${short} with ${status}`, async ({ simulator }) => {
      const response = await ask(simulator, path, { body: { input: "Draw a lake", ...body } });
      expect(await response.json()).toMatchObject(expected);
      expect(response.status).toBe(status);
    });
  }

  test("responses are listed, by agent and by conversation", async ({ simulator }) => {
    const path = RESPONSES["project v1"];
    const conversation = await create(simulator, {}, "/api/projects/studio/openai/v1/conversations");
    const ids: string[] = [];
    for (const body of [
      { agent_reference: agentReference },
      { agent_reference: { ...agentReference, version: "1" } },
      { model: "gpt-4.1", conversation: conversation.id },
    ]) {
      ids.push((await create(simulator, { input: "Draw a lake", ...body }, path)).id);
    }
    for (const [query, expected] of [
      ["", [2, 1, 0]],
      ["?order=asc&limit=2", [0, 1]],
      ["?agent_name=painter", [1, 0]],
      ["?agent_id=painter:1", [1]],
      [`?conversation_id=${conversation.id}`, [2]],
      ["?agent_name=nobody", []],
    ] as const) {
      const { data } = await askJson(simulator, path + query);
      expect(
        data.map(({ id }: any) => ids.indexOf(id)),
        query,
      ).toEqual(expected);
    }
    expect((await ask(simulator, RESPONSES.resource)).status).toBe(404);
  });

  test("items tell which agent made them, in the dialect's words", async ({ simulator }) => {
    const { id, output } = await create(simulator, { input: "Draw", agent: agentReference }, RESPONSES["project dated"]);
    expect(output[0].created_by).toEqual({ agent: { type: "agent_id", name: "painter", version: "2" }, response_id: id });
  });

  test("tokens are taken, and refused with the audience of projects", async ({ simulator }) => {
    const bearer = (token: string) => ask(simulator, `${AGENTS}?api-version=v1`, { headers: { authorization: `Bearer ${token}` } });
    expect((await bearer("simulator-token")).status).toBe(200);
    const refusal = await bearer("simulator-key");
    expect(refusal.status).toBe(401);
    expect(await refusal.json()).toEqual({
      statusCode: 401,
      message: "Unauthorized. Access token is missing, invalid, audience is incorrect (https://ai.azure.com), or have expired.",
    });
  });

  test("a preflight permits DELETE and the header of the deployment", async ({ simulator }) => {
    const response = await fetch(simulator.url + RESPONSES["project v1"], {
      method: "OPTIONS",
      headers: {
        origin: "http://localhost",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-ms-oai-image-generation-deployment",
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-methods")).toContain("DELETE");
    expect(response.headers.get("access-control-allow-headers")).toContain("x-ms-oai-image-generation-deployment");
  });
});

test.describe("a stored response", () => {
  test("is retrieved, tells its input, and is deleted", async ({ simulator }) => {
    for (const [path, object] of [
      [RESPONSES.resource, "response.deleted"],
      [RESPONSES["project v1"], "response"],
    ] as const) {
      const made = await create(simulator, drawing("Draw a lake"), path);
      expect(await (await ask(simulator, `${path}/${made.id}`)).json()).toEqual(made);
      expect(await (await ask(simulator, `${path}/${made.id}/input_items`)).json()).toMatchObject({
        object: "list",
        data: [{ type: "message", role: "user", content: [{ type: "input_text", text: "Draw a lake" }] }],
        has_more: false,
      });
      const deleted = await ask(simulator, `${path}/${made.id}`, { method: "DELETE" });
      expect(await deleted.json()).toEqual({ id: made.id, object, deleted: true });
      const gone = await ask(simulator, `${path}/${made.id}`);
      expect(gone.status).toBe(404);
      expect(await gone.json()).toMatchObject({ error: { param: "response_id", message: `Response with id '${made.id}' not found.` } });
    }
  });

  test("is not there with store: false, and cannot be gone on from", async ({ simulator }) => {
    const { id } = await create(simulator, drawing("Draw a lake", { store: false }));
    expect((await ask(simulator, `${RESPONSES.resource}/${id}`)).status).toBe(404);
    const next = await ask(simulator, RESPONSES.resource, { body: drawing("Edit it", { previous_response_id: id }) });
    expect(next.status).toBe(400);
  });

  test("belongs to its project", async ({ simulator }) => {
    const { id } = await create(simulator, drawing(), RESPONSES["project v1"]);
    expect((await ask(simulator, `${RESPONSES.resource}/${id}`)).status).toBe(404);
    expect((await ask(simulator, `/api/projects/other/openai/v1/responses/${id}`)).status).toBe(404);
    expect((await ask(simulator, `/api/projects/studio/openai/responses/${id}?api-version=2025-11-15-preview`)).status).toBe(200);
  });

  test("is gone when a client hangs up on a response that is not in the background", async () => {
    const simulator = await startSimulator({ latencyInMs: 2000 });
    const abort = new AbortController();
    const response = await fetch(simulator.url + RESPONSES.resource, {
      method: "POST",
      headers: HEADERS,
      body: JSON.stringify(streamedDrawing()),
      signal: abort.signal,
    });
    const { value } = (await response.body?.getReader().read()) ?? {};
    const id = /resp_[0-9a-f]+/.exec(Buffer.from(value ?? []).toString())?.[0];
    abort.abort();
    await expect.poll(() => simulator.activeRequests).toBe(0);
    expect((await ask(simulator, `${RESPONSES.resource}/${id}`)).status).toBe(404);
    await simulator.close();
  });

  test("cannot be cancelled if it was not in the background", async ({ simulator }) => {
    const { id } = await create(simulator, drawing());
    const response = await ask(simulator, `${RESPONSES.resource}/${id}/cancel`, { method: "POST" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: "Cannot cancel a synchronous response." } });
  });
});

test.describe("in the background", () => {
  test("a response is queued, worked on and completed", async () => {
    const simulator = await startSimulator({ latencyInMs: 1000 });
    const startedAt = performance.now();
    const ends: string[] = [];
    const atOnce = create(simulator, drawing("Draw a sea")).then(() => ends.push("at once"));
    const made = await create(simulator, drawing("Draw a lake", { background: true }));
    ends.push("in the background");
    await atOnce;
    // Begun later, it was answered before the other had its picture.
    expect(ends).toEqual(["in the background", "at once"]);
    expect(made).toMatchObject({ status: "queued", background: true, output: [], usage: null });
    const final = await poll(simulator, made.id);
    expect(performance.now() - startedAt).toBeGreaterThan(999);
    expect(final).toMatchObject({ status: "completed", id: made.id });
    expect(picturesOf(final)).toHaveLength(1);
    await simulator.close();
  });

  test("a response passes through in_progress", async () => {
    const simulator = await startSimulator({ latencyInMs: 1000 });
    const { id } = await create(simulator, drawing("Draw a lake", { background: true }));
    const status = async () => (await askJson(simulator, `${RESPONSES.resource}/${id}`)).status;
    await expect.poll(status, { intervals: [50] }).toBe("in_progress");
    await expect.poll(status).toBe("completed");
    await simulator.close();
  });

  test("a response is cancelled, once and for all", async () => {
    const simulator = await startSimulator({ latencyInMs: 60_000 });
    const { id } = await create(simulator, drawing("Draw a lake", { background: true }));
    for (let time = 0; time < 2; time++) {
      const response = await ask(simulator, `${RESPONSES.resource}/${id}/cancel`, { method: "POST" });
      expect(await response.json()).toMatchObject({ id, status: "cancelled", output: [] });
    }
    expect(await poll(simulator, id)).toMatchObject({ status: "cancelled" });
    await simulator.close();
  });

  test("a response fails whose pictures turn out to be damaged", async ({ simulator }) => {
    const damaged = Buffer.from(original);
    damaged.fill(0, damaged.length / 2);
    const shown = message("Make it autumn", inputImage(original), inputImage(damaged));
    const { id } = await create(simulator, drawing(shown, { background: true }));
    expect(await poll(simulator, id)).toMatchObject({ status: "failed", error: { code: "invalid_image" } });
    expect((await ask(simulator, RESPONSES.resource, { body: drawing(shown) })).status).toBe(400);
  });

  test("a response that was cancelled can be gone on from, and has nothing to stream", async () => {
    const simulator = await startSimulator({ latencyInMs: 2000 });
    const body = drawing("Draw a lake [json-answer]", { background: true, stream: true });
    const { id } = await create(simulator, body);
    await ask(simulator, `${RESPONSES.resource}/${id}/cancel`, { method: "POST" });
    expect(await (await ask(simulator, `${RESPONSES.resource}/${id}?stream=true`)).text()).toBe("");
    const next = await create(simulator, drawing("Make it autumn", { previous_response_id: id }));
    expect(next.output[0].action).toBe("generate");
    await simulator.close();
  });

  test("a response that has come to its end stays as it is", async ({ simulator }) => {
    const { id } = await create(simulator, drawing("Draw a lake", { background: true }));
    const final = await poll(simulator, id);
    const response = await ask(simulator, `${RESPONSES.resource}/${id}/cancel`, { method: "POST" });
    expect(await response.json()).toEqual(final);
  });
});

test.describe("other tools", () => {
  test("that the simulator does not play are accepted, repeated, and named in the message", async ({ simulator }) => {
    const others = [{ type: "shell" }, { type: "apply_patch" }];
    const drawn = await create(simulator, drawing("Draw a lake", { tools: [...others, tool()] }));
    expect(drawn.output.map(({ type }: { type: string }) => type)).toEqual(["image_generation_call", "message"]);
    expect(drawn.tools).toEqual([...others, expect.objectContaining(tool())]);
    expect(textOf(drawn)).toBe("Here is your picture. This simulator does not call 'shell' and 'apply_patch'.");
    const said = await create(simulator, drawing("What is the weather?", { tools: [{ type: "shell" }] }));
    expect(textOf(said)).toMatch(/ This simulator does not call 'shell'\.$/);
    const alone = await create(simulator, drawing("Draw a lake"));
    expect(textOf(alone)).toBe("Here is your picture.");
  });

  test("keep the model from drawing when they are chosen", async ({ simulator }) => {
    const lookup = { type: "function", name: "lookup", parameters: { type: "object", properties: {} }, strict: true };
    const tools = [{ type: "web_search" }, lookup, tool()];
    const drawn = async (tool_choice: unknown) => {
      const { output } = await create(simulator, drawing("Draw a lake", { tools, tool_choice }));
      return output.some(({ type }: { type: string }) => type === "image_generation_call");
    };
    expect(await drawn({ type: "web_search" })).toBe(false);
    expect(await drawn({ type: "function", name: "lookup" })).toBe(false);
    expect(await drawn({ type: "image_generation" })).toBe(true);
    expect(await drawn({ type: "allowed_tools", mode: "auto", tools: [{ type: "web_search" }] })).toBe(false);
    expect(await drawn({ type: "allowed_tools", mode: "required", tools: [{ type: "web_search" }, { type: "image_generation" }] })).toBe(true);
    expect(await drawn("required")).toBe(true);
    expect(await drawn("none")).toBe(false);
  });

  test("may be any of an agent", async ({ simulator }) => {
    const definition = { kind: "prompt", model: "gpt-4.1", tools: [{ type: "bing_grounding" }, tool()] };
    const made = await ask(simulator, `${AGENTS}/finder/versions?api-version=v1`, { body: { definition } });
    expect(made.status).toBe(200);
    const body = { input: "Draw a lake", agent_reference: { type: "agent_reference", name: "finder" } };
    expect(textOf(await create(simulator, body, RESPONSES["project v1"]))).toBe(
      "Here is your picture. This simulator does not call 'bing_grounding'.",
    );
  });
});
