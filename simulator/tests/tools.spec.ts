/** Tools beside image generation: when they are called, what their calls hold, and what replies lead to. */

import sharp from "sharp";
import type { Simulator } from "azure-image-simulator";
import { expect, form, test } from "./fixtures.js";
import { AGENTS, ask, askJson, create, drawing, inputImage, message, namesOf, picturesOf, poll, RESPONSES, stream, tool } from "./responses.js";

const weather = {
  type: "function",
  name: "get_weather",
  description: "Returns the current temperature.",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
  strict: true,
};
const stocks = { type: "function", name: "getStockPrice", parameters: { type: "object", properties: {} } };
const screenshot = await sharp({ create: { width: 1024, height: 768, channels: 3, background: "#ffffff" } })
  .png()
  .toBuffer();
const QUESTION = "Get the weather in Oslo and draw it";

const asking = (input: unknown, more: object = {}) => drawing(input, { tools: [weather, tool()], ...more });
const typesOf = (response: any): string[] => response.output.map(({ type }: any) => type);
const callsOf = (response: any): any[] => response.output.filter(({ type }: any) => /_call$/.test(type));
const wordsOf = (response: any): string => response.output.at(-1).content[0].text;
const outputOf = (call: any, output: unknown) => ({ type: `${call.type}_output`, call_id: call.call_id, output });

async function errorOf(simulator: Simulator, body: unknown): Promise<any> {
  const response = await ask(simulator, RESPONSES.resource, { body });
  expect(response.status).toBe(400);
  return (await response.json()).error;
}

test.describe("a function", () => {
  const choices: readonly [what: string, input: string, more: object, called: readonly string[]][] = [
    ["whose name is mentioned", "What is the weather?", {}, ["get_weather"]],
    ["whose description is mentioned", "Which temperature has the lake?", {}, ["get_weather"]],
    ["that is not mentioned", "Draw a lake", {}, []],
    ["that is not mentioned and must be called", "Hello", { tool_choice: { type: "function", name: "get_weather" } }, ["get_weather"]],
    ["that is mentioned and must not be called", "What is the weather?", { tool_choice: "none" }, []],
    ["beside one that must be called", "What is the weather?", { tool_choice: { type: "function", name: "getStockPrice" } }, ["getStockPrice"]],
    ["that is the first, if any tool must be called", "Hello", { tool_choice: "required" }, ["get_weather"]],
    [
      "that is not among the allowed tools",
      "Compare the weather and the stock",
      { tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "getStockPrice" }] } },
      ["getStockPrice"],
    ],
    ["beside another one that is mentioned", "Compare the weather and the stock", {}, ["get_weather", "getStockPrice"]],
    ["without parallel calls", "Compare the weather and the stock", { parallel_tool_calls: false }, ["get_weather"]],
  ];
  for (const [what, input, more, called] of choices) {
    test(`${what}: ${called.join(", ") || "no call"}`, async ({ simulator }) => {
      const response = await create(simulator, drawing(input, { tools: [weather, stocks, tool()], ...more }));
      expect(callsOf(response).flatMap(({ name = [] }) => name)).toEqual(called);
      if (called.length > 0) expect(typesOf(response)).toEqual(called.map(() => "function_call"));
    });
  }

  test("gets arguments that fit its schema", async ({ simulator }) => {
    const parameters = {
      type: "object",
      properties: {
        location: { $ref: "#/$defs/place" },
        unit: { type: ["string", "null"], enum: ["celsius", "fahrenheit", null] },
        days: { type: "integer", minimum: 2, maximum: 10 },
        share: { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 },
        step: { type: "number", minimum: 10, multipleOf: 4 },
        version: { const: 2 },
        language: { type: "string", default: "en" },
        colors: { type: "array", items: { enum: ["red", "green", "blue"] }, minItems: 2, uniqueItems: true },
        until: { type: "string", format: "date-time" },
        from: { type: "string", format: "date" },
        id: { type: "string", format: "uuid" },
        code: { type: "string", minLength: 10, maxLength: 12 },
        parent: { anyOf: [{ type: "null" }, { $ref: "#" }] },
        verbose: { type: "boolean" },
        note: { type: "string" },
      },
      required: ["location", "unit", "days", "share", "step", "version", "language", "colors", "until", "from", "id", "code", "verbose"],
      $defs: {
        place: { allOf: [{ type: "object", properties: { city: { type: "string" } } }, { required: ["city"] }] },
      },
    };
    const tools = [{ ...weather, parameters }];
    const ask = () => create(simulator, drawing("Get the weather in New York for 5 days from 2026-12-24 in Fahrenheit", { tools }));
    const [{ arguments: written }] = (await ask()).output;
    expect(JSON.parse(written)).toEqual({
      location: { city: "New York" },
      unit: "fahrenheit",
      days: 5,
      share: 0.5,
      step: 12,
      version: 2,
      language: "en",
      colors: ["red", "green"],
      until: "2026-01-01T12:00:00Z",
      from: "2026-12-24",
      id: "123e4567-e89b-42d3-a456-426614174000",
      code: "example...",
      verbose: true,
    });
    expect((await ask()).output[0].arguments).toBe(written);
  });

  test("whose schema never ends gets arguments, too", async ({ simulator }) => {
    const names = [..."abcdefgh"];
    const properties = Object.fromEntries(names.map((name) => [name, { $ref: "#" }]));
    const parameters = { type: "object", properties, required: names, allOf: [{ $ref: "#" }] };
    const { output } = await create(simulator, drawing("What is the weather?", { tools: [{ ...weather, parameters }] }));
    expect(Object.keys(JSON.parse(output[0].arguments))).toEqual(names);
  });

  test("streams its arguments", async ({ simulator }) => {
    const events = await stream(simulator, asking(QUESTION, { stream: true }));
    expect(namesOf(events)).toEqual([
      ...["created", "in_progress", "output_item.added", "function_call_arguments.delta", "function_call_arguments.done"],
      ...["output_item.done", "completed"],
    ]);
    const written = JSON.stringify({ city: "Oslo" });
    const named = (name: string) => events.filter((event) => event.name === `response.${name}`).map(({ data }) => data);
    const [added, done, item] = ["output_item.added", "function_call_arguments.done", "output_item.done"].map((name) => named(name)[0]);
    expect(added).toMatchObject({ output_index: 0, item: { type: "function_call", status: "in_progress", arguments: "", name: "get_weather" } });
    const deltas = named("function_call_arguments.delta").map(({ delta }) => delta);
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.join("")).toBe(written);
    expect(done).toMatchObject({ item_id: added?.["item"].id, output_index: 0, arguments: written, name: "get_weather" });
    expect(item?.["item"]).toEqual({ ...added?.["item"], arguments: written, status: "completed" });
  });

  test("is followed by the image when its output is there", async ({ simulator }) => {
    const first = await create(simulator, asking(QUESTION));
    const reply = [outputOf(first.output[0], "12 degrees and snow")];
    const second = await create(simulator, asking(reply, { previous_response_id: first.id }));
    expect(typesOf(second)).toEqual(["image_generation_call", "message"]);
    expect(second.output[0].revised_prompt).toContain("12 degrees and snow");
    expect(wordsOf(second)).toBe("get_weather returned: 12 degrees and snow. Here is your picture.");
    const other = await create(simulator, asking([outputOf(first.output[0], "a thunderstorm")], { previous_response_id: first.id }));
    expect(picturesOf(other)[0]).not.toEqual(picturesOf(second)[0]);
    // The turn is over.
    const third = await create(simulator, asking("Thank you", { previous_response_id: second.id }));
    expect(wordsOf(third)).not.toContain("12 degrees");
  });

  test("that the client always forces is called once", async ({ simulator }) => {
    const forced = { tool_choice: { type: "function", name: "get_weather" } };
    const first = await create(simulator, asking(QUESTION, forced));
    const second = await create(simulator, asking([outputOf(first.output[0], "rain")], { previous_response_id: first.id, ...forced }));
    expect(typesOf(second)).toEqual(["image_generation_call", "message"]);
  });

  test("without parallel calls is followed by the next one", async ({ simulator }) => {
    const more = { tools: [weather, stocks], parallel_tool_calls: false };
    const first = await create(simulator, drawing("Compare the weather and the stock", more));
    const second = await create(simulator, drawing([outputOf(first.output[0], "rain")], { ...more, previous_response_id: first.id }));
    expect(callsOf(second)).toMatchObject([{ name: "getStockPrice" }]);
    const third = await create(simulator, drawing([outputOf(second.output[0], "12")], { ...more, previous_response_id: second.id }));
    expect(wordsOf(third)).toBe("get_weather returned: rain. getStockPrice returned: 12.");
  });

  test("is called in a conversation", async ({ simulator }) => {
    const conversation = await create(simulator, {}, "/openai/v1/conversations");
    const first = await create(simulator, asking(QUESTION, { conversation: conversation.id }));
    expect(await errorOf(simulator, asking("Hello", { conversation: conversation.id }))).toMatchObject({
      message: `No tool output found for function call ${first.output[0].call_id}.`,
    });
    const second = await create(simulator, asking([outputOf(first.output[0], "rain")], { conversation: conversation.id }));
    expect(wordsOf(second)).toBe("get_weather returned: rain. Here is your picture.");
    const { data } = await askJson(simulator, `/openai/v1/conversations/${conversation.id}/items?order=asc`);
    expect(data.map(({ type }: any) => type)).toEqual([...["message", "function_call", "function_call_output", "image_generation_call", "message"]]);
  });

  test("is called when the client keeps the dialogue", async ({ simulator }) => {
    const items: object[] = [...message(QUESTION)];
    const say = async (...added: object[]) => {
      items.push(...added);
      const response = await create(simulator, asking(items, { store: false }));
      items.push(...response.output);
      return response;
    };
    const first = await say();
    const second = await say({ type: "reasoning", id: "rs_1", summary: [] }, outputOf(first.output[0], "rain"));
    expect(wordsOf(second)).toBe("get_weather returned: rain. Here is your picture.");
    const third = await say(...message("Make it autumn"));
    expect(typesOf(third)).toEqual(["image_generation_call", "message"]);
    expect(third.output[0].action).toBe("edit");
    const fourth = await say(...message("And the weather in Rome?"));
    expect(callsOf(fourth)).toMatchObject([{ name: "get_weather", arguments: JSON.stringify({ city: "Rome" }) }]);
  });

  test("is found by a reference to its call", async ({ simulator }) => {
    const first = await create(simulator, asking(QUESTION));
    const items = [...message(QUESTION), { type: "item_reference", id: first.output[0].id }, outputOf(first.output[0], "rain")];
    expect(wordsOf(await create(simulator, asking(items)))).toContain("get_weather returned: rain.");
  });

  test("is called in the background", async ({ simulator }) => {
    const events = await stream(simulator, asking(QUESTION, { background: true, stream: true }));
    const id = events[0]?.data["response"].id;
    const first = await poll(simulator, id);
    expect(typesOf(first)).toEqual(["function_call"]);
    const rest = await (await ask(simulator, `${RESPONSES.resource}/${id}?stream=true&starting_after=3`)).text();
    expect(rest).toMatch(/^event: response\.function_call_arguments\.delta\n/);
    const second = await create(simulator, asking([outputOf(first.output[0], "rain")], { previous_response_id: id, background: true }));
    expect(wordsOf(await poll(simulator, second.id))).toBe("get_weather returned: rain. Here is your picture.");
  });

  test("may return a list with an image, which the image tool edits", async ({ simulator }) => {
    const photo = await sharp({ create: { width: 64, height: 64, channels: 3, background: "#336699" } })
      .png()
      .toBuffer();
    const first = await create(simulator, asking(QUESTION));
    const output = [
      { type: "input_text", text: "rain" },
      inputImage(photo),
      { type: "input_file", filename: "a.txt", file_data: "data:text/plain;base64,YQ==" },
    ];
    const second = await create(simulator, asking([outputOf(first.output[0], output)], { previous_response_id: first.id }));
    expect(second.output[0].action).toBe("edit");
    expect(wordsOf(second)).toBe("get_weather returned: rain. Here is the edited picture.");
  });

  test("is not called by a model that refuses", async ({ simulator }) => {
    const { output } = await create(simulator, asking(`${QUESTION} [refusal]`));
    expect(output).toMatchObject([{ type: "message", content: [{ type: "refusal" }] }]);
  });
});

test("a custom tool is called with the text of the user", async ({ simulator }) => {
  const tools = [{ type: "custom", name: "parse_grammar" }];
  const events = await stream(simulator, drawing("Parse this with the grammar", { tools, stream: true }));
  expect(namesOf(events)).toContain("custom_tool_call_input.delta");
  const { output, id } = events.at(-1)?.data["response"];
  expect(output).toMatchObject([{ type: "custom_tool_call", name: "parse_grammar", input: "Parse this with the grammar" }]);
  const answer = await create(simulator, drawing([outputOf(output[0], "valid")], { tools, previous_response_id: id }));
  expect(wordsOf(answer)).toBe("parse_grammar returned: valid.");
  expect(await errorOf(simulator, drawing([{ ...outputOf(output[0], ""), call_id: "x" }], { tools, previous_response_id: id }))).toMatchObject({
    message: "No tool call found for custom tool call output with call_id x.",
  });
});

test.describe("an MCP server", () => {
  const server = {
    type: "mcp",
    server_label: "docs",
    server_url: "https://example.com/mcp",
    headers: { "x-key": "secret-header" },
    authorization: "secret-token",
  };
  const searching = (input: unknown, more: object = {}, tools = [server]) => drawing(input, { tools, ...more });
  const approval = (request: any, approve: boolean) => [{ type: "mcp_approval_response", approval_request_id: request.id, approve }];

  test("lists its tools, asks for approval, and is called", async ({ simulator }) => {
    const first = await create(simulator, searching("Ask the docs about lakes"));
    expect(first.output).toMatchObject([
      { type: "mcp_list_tools", server_label: "docs", tools: [{ name: "search" }, { name: "fetch" }] },
      { type: "mcp_approval_request", server_label: "docs", name: "search", arguments: '{"query":"Ask the docs about lakes"}' },
    ]);
    const second = await create(simulator, searching(approval(first.output[1], true), { previous_response_id: first.id }));
    expect(typesOf(second)).toEqual(["mcp_call", "message"]);
    expect(second.output[0]).toMatchObject({ status: "completed", error: null, approval_request_id: first.output[1].id });
    expect(wordsOf(second)).toContain(second.output[0].output);
    const third = await create(simulator, searching("Ask the docs again", { previous_response_id: second.id }));
    expect(typesOf(third)).toEqual(["mcp_approval_request"]);
  });

  test("whose call is not approved is not called", async ({ simulator }) => {
    const first = await create(simulator, searching("Ask the docs"));
    const second = await create(simulator, searching(approval(first.output[1], false), { previous_response_id: first.id }));
    expect(typesOf(second)).toEqual(["message"]);
    expect(wordsOf(second)).toBe("The call of search on docs was not approved.");
  });

  test("is called when the client keeps the dialogue", async ({ simulator }) => {
    const first = await create(simulator, searching("Ask the docs", { store: false }));
    const items = [...message("Ask the docs"), ...first.output, ...approval(first.output[1], true)];
    const second = await create(simulator, searching(items, { store: false }));
    expect(typesOf(second)).toEqual(["mcp_call", "message"]);
    const third = await create(simulator, searching([...items, ...second.output, ...message("Thank you")], { store: false }));
    expect(typesOf(third)).toEqual(["message"]);
  });

  test("without approvals is called at once", async ({ simulator }) => {
    const events = await stream(simulator, searching("Ask the docs", { stream: true }, [{ ...server, require_approval: "never" } as any]));
    expect(namesOf(events)).toEqual([
      ...["created", "in_progress", "output_item.added", "mcp_list_tools.in_progress", "mcp_list_tools.completed", "output_item.done"],
      ...["output_item.added", "mcp_call.in_progress", "mcp_call_arguments.delta", "mcp_call_arguments.done", "mcp_call.completed"],
      ...["output_item.done", "output_item.added", "content_part.added", "output_text.delta", "output_text.done", "content_part.done"],
      ...["output_item.done", "completed"],
    ]);
  });

  const filters: readonly [what: string, more: object, types: string, called: string][] = [
    ["an approval that is never needed for the tool", { require_approval: { never: { tool_names: ["search"] } } }, "mcp_call", "search"],
    [
      "an approval that is never needed for another tool",
      { require_approval: { never: { tool_names: ["fetch"] } } },
      "mcp_approval_request",
      "search",
    ],
    [
      "an approval that is always needed for the tool",
      { require_approval: { always: { tool_names: ["search"] } } },
      "mcp_approval_request",
      "search",
    ],
    ["an approval that is always needed for another tool", { require_approval: { always: { tool_names: ["fetch"] } } }, "mcp_call", "search"],
    ["allowed tools", { allowed_tools: ["fetch"] }, "mcp_approval_request", "fetch"],
    ["a filter of allowed tools", { allowed_tools: { tool_names: ["roll_dice"], read_only: true } }, "mcp_approval_request", "roll_dice"],
  ];
  for (const [what, more, type, name] of filters) {
    test(`with ${what}`, async ({ simulator }) => {
      const { output } = await create(simulator, searching("Ask the docs", {}, [{ ...server, ...more }]));
      expect(output[1]).toMatchObject({ type, name });
      if ("allowed_tools" in more) expect(output[0].tools.map((each: any) => each.name)).toEqual([name]);
    });
  }

  test("is called if it has to be, with the tool of the choice", async ({ simulator }) => {
    const tool_choice = { type: "mcp", server_label: "docs", name: "fetch" };
    const { output } = await create(simulator, searching("Hello", { tool_choice }));
    expect(output[1]).toMatchObject({ type: "mcp_approval_request", name: "fetch" });
  });

  test("keeps its credentials to itself", async ({ simulator }) => {
    const first = await create(simulator, searching("Ask the docs"));
    expect(first.tools).toMatchObject([{ type: "mcp", server_label: "docs", headers: { "x-key": "<redacted>" } }]);
    expect(JSON.stringify(first)).not.toContain("secret");
    expect(JSON.stringify(await stream(simulator, searching("Ask the docs", { stream: true })))).not.toContain("secret");
    expect(JSON.stringify(await askJson(simulator, `${RESPONSES.resource}/${first.id}`))).not.toContain("secret");
  });
});

test.describe("the code interpreter", () => {
  const tools = [{ type: "code_interpreter", container: { type: "auto" } }];

  test("writes a table", async ({ simulator }) => {
    const events = await stream(simulator, drawing("Calculate the squares", { tools, stream: true }));
    expect(namesOf(events)).toEqual([
      ...["created", "in_progress", "output_item.added", "code_interpreter_call.in_progress", "code_interpreter_call_code.delta"],
      ...["code_interpreter_call_code.done", "code_interpreter_call.interpreting", "code_interpreter_call.completed", "output_item.done"],
      ...["output_item.added", "content_part.added", "output_text.delta", "output_text.annotation.added", "output_text.done"],
      ...["content_part.done", "output_item.done", "completed"],
    ]);
    const { output } = events.at(-1)?.data["response"];
    expect(output[0]).toMatchObject({
      type: "code_interpreter_call",
      status: "completed",
      outputs: null,
      code: expect.stringContaining("import csv"),
    });
    const [{ text, annotations }] = output[1].content;
    const [{ container_id, file_id, filename, start_index, end_index }] = annotations;
    expect(container_id).toBe(output[0].container_id);
    expect(text.slice(start_index, end_index)).toBe(`sandbox:/mnt/data/${filename}`);
    const path = `/openai/v1/containers/${container_id}/files/${file_id}`;
    const content = await (await ask(simulator, `${path}/content`)).text();
    expect(content).toBe("number,square\n1,1\n2,4\n3,9\n4,16\n5,25\n");
    expect(await askJson(simulator, path)).toMatchObject({
      id: file_id,
      object: "container.file",
      bytes: content.length,
      container_id,
      path: "/mnt/data/squares.csv",
    });
    for (const wrong of [`/openai/v1/containers/cntr_x/files/${file_id}`, `/openai/v1/containers/${container_id}/files/cfile_x/content`]) {
      expect((await ask(simulator, wrong)).status).toBe(404);
    }
  });

  test("draws a chart in the container of the dialogue, and shows its logs if asked", async ({ simulator }) => {
    const include = ["code_interpreter_call.outputs"];
    const first = await create(simulator, drawing("Compute the squares", { tools, include }));
    expect(first.output[0].outputs).toEqual([{ type: "logs", logs: "[1, 4, 9, 16, 25]\n" }]);
    const second = await create(simulator, drawing("Plot them", { tools, previous_response_id: first.id }));
    const [{ container_id, file_id }] = second.output[1].content[0].annotations;
    expect(container_id).toBe(first.output[0].container_id);
    const chart = await ask(simulator, `/openai/v1/containers/${container_id}/files/${file_id}/content`);
    expect(chart.headers.get("content-type")).toBe("image/png");
    expect(await sharp(await chart.arrayBuffer()).metadata()).toMatchObject({ format: "png", width: 320, height: 240 });
  });

  test("draws no image for a chart", async ({ simulator }) => {
    expect(typesOf(await create(simulator, drawing("Create a chart", { tools: [...tools, tool()] })))).toEqual(["code_interpreter_call", "message"]);
    const both = await create(simulator, drawing("Create a chart and draw a lake", { tools: [...tools, tool()] }));
    expect(typesOf(both)).toEqual(["code_interpreter_call", "image_generation_call", "message"]);
    expect(wordsOf(both)).toMatch(/^The code wrote .* Here is your picture\.$/);
  });
});

test("file search cites the newest file", async ({ simulator }) => {
  const tools = [{ type: "file_search", vector_store_ids: ["vs_1"] }];
  const nothing = await create(simulator, drawing("Search the files", { tools, include: ["file_search_call.results"] }));
  expect(nothing.output[0]).toMatchObject({ type: "file_search_call", results: [] });
  for (const [name, text] of [
    ["old.txt", "old"],
    ["lakes.md", "Lakes are deep."],
  ] as const) {
    const body = form({ purpose: "assistants", file: new File([text], name, { type: "text/markdown" }) });
    await fetch(`${simulator.url}/openai/v1/files`, { method: "POST", headers: { "api-key": "simulator-key" }, body });
  }
  const found = await create(simulator, drawing("How deep is it? See the documents.", { tools }));
  expect(found.output[0]).toMatchObject({ status: "completed", queries: ["How deep is it? See the documents."], results: null });
  const [{ file_id, filename, type }] = found.output[1].content[0].annotations;
  expect([type, filename]).toEqual(["file_citation", "lakes.md"]);
  const content = await ask(simulator, `/openai/v1/files/${file_id}/content`);
  expect([content.headers.get("content-type"), await content.text()]).toEqual(["text/markdown", "Lakes are deep."]);
  const shown = await create(simulator, drawing("Search", { tools, include: ["file_search_call.results"] }));
  expect(shown.output[0].results).toMatchObject([{ file_id, filename, text: "Lakes are deep." }]);
});

test("web search cites a page", async ({ simulator }) => {
  for (const type of ["web_search", "web_search_preview"]) {
    const response = await create(simulator, drawing("Search the web for lakes and draw one", { tools: [{ type }, tool()] }));
    expect(typesOf(response)).toEqual(["web_search_call", "image_generation_call", "message"]);
    expect(response.tool_usage.web_search.num_requests).toBe(1);
    const { text, annotations } = response.output[2].content[0];
    const [{ start_index, end_index, ...citation }] = annotations;
    expect(citation).toEqual({ type: "url_citation", url: "https://example.com/", title: "Example Domain" });
    expect(text.slice(start_index, end_index)).toBe("[example.com](https://example.com/)");
  }
});

test.describe("a computer", () => {
  const preview = { type: "computer_use_preview", environment: "browser", display_width: 1024, display_height: 768 };
  const shown = (image_url: unknown) => ({ type: "computer_screenshot", image_url });
  const tools: readonly [computer: object, action: object][] = [
    [preview, { action: { type: "screenshot" } }],
    [{ type: "computer" }, { actions: [{ type: "screenshot" }] }],
  ];
  for (const [computer, action] of tools) {
    test(`asks for a screenshot and reads it: ${Object.keys(action)}`, async ({ simulator }) => {
      const first = await create(simulator, drawing("Click the button", { tools: [computer] }));
      expect(first.output).toMatchObject([{ type: "computer_call", status: "completed", pending_safety_checks: [], ...action }]);
      const reply = [outputOf(first.output[0], shown(inputImage(screenshot).image_url))];
      const second = await create(simulator, drawing(reply, { tools: [computer], previous_response_id: first.id }));
      expect(wordsOf(second)).toBe("The computer returned: a screenshot of 1024x768 pixels.");
    });
  }

  test("reads an uploaded screenshot", async ({ simulator }) => {
    const body = form({ purpose: "assistants", file: new File([screenshot], "screen.png", { type: "image/png" }) });
    const { id } = await (await fetch(`${simulator.url}/openai/v1/files`, { method: "POST", headers: { "api-key": "simulator-key" }, body })).json();
    const first = await create(simulator, drawing("Use the computer", { tools: [preview] }));
    const replying = (file_id: string) =>
      drawing([outputOf(first.output[0], { type: "computer_screenshot", file_id })], { tools: [preview], previous_response_id: first.id });
    expect(wordsOf(await create(simulator, replying(id)))).toContain("1024x768");
    expect(await errorOf(simulator, replying("file-x"))).toMatchObject({ code: "image_file_not_found", param: "input[0].output.file_id" });
  });

  test("refuses what is no screenshot", async ({ simulator }) => {
    const first = await create(simulator, drawing("Use the computer", { tools: [preview] }));
    const replying = (output: unknown, call = first.output[0]) =>
      errorOf(simulator, drawing([outputOf(call, output)], { tools: [preview], previous_response_id: first.id }));
    expect(await replying(shown(inputImage(Buffer.from("text")).image_url))).toMatchObject({ code: "invalid_image", param: "input[0].output" });
    expect(await replying("text")).toMatchObject({ param: "input[0].output.type" });
    expect(await replying(shown(inputImage(screenshot).image_url), { type: "computer_call", call_id: "x" })).toMatchObject({
      message: "No tool call found for computer call output with call_id x.",
    });
  });
});

test.describe("an agent", () => {
  const path = `${AGENTS}/helper/versions?api-version=v1`;
  const agent_reference = { type: "agent_reference", name: "helper" };

  test("calls its tools, and ignores those that only Foundry knows", async ({ simulator }) => {
    const tools = [
      weather,
      { type: "bing_grounding", bing_grounding: { search_configurations: [] } },
      { type: "azure_ai_search", azure_ai_search: { indexes: [] } },
      { type: "openapi", openapi: { name: "weather", spec: {} } },
      { type: "code_interpreter" },
      { type: "mcp", server_label: "docs", project_connection_id: "docs", require_approval: "never" },
      tool(),
    ];
    const definition = { kind: "prompt", model: "gpt-4.1", tools };
    expect((await create(simulator, { definition }, path)).definition).toEqual(definition);
    const first = await create(simulator, { input: QUESTION, agent_reference }, RESPONSES["project v1"]);
    expect(first.output).toMatchObject([
      { type: "mcp_list_tools", agent_reference: { name: "helper" } },
      { type: "function_call", name: "get_weather", agent_reference: { name: "helper" }, response_id: first.id },
    ]);
    const reply = { input: [outputOf(first.output[1], "rain")], previous_response_id: first.id, agent_reference };
    expect(typesOf(await create(simulator, reply, RESPONSES["project v1"]))).toEqual(["image_generation_call", "message"]);
    const computed = await create(simulator, { input: "Compute the squares", agent_reference }, RESPONSES["project v1"]);
    const [{ container_id, file_id }] = computed.output.at(-1).content[0].annotations;
    const file = `/api/projects/studio/openai/v1/containers/${container_id}/files/${file_id}/content`;
    expect(await (await ask(simulator, file)).text()).toContain("number,square");
  });

  test("cannot have a function without a name", async ({ simulator }) => {
    const definition = { kind: "prompt", model: "gpt-4.1", tools: [{ type: "function" }] };
    const response = await ask(simulator, path, { body: { definition } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: "definition.tools[0].name" } });
  });
});

test.describe("refusals", () => {
  const ofTool = (definition: object, more: object = {}) => drawing("Hello", { tools: [definition], ...more });
  const preview = { type: "computer_use_preview", environment: "browser", display_width: 1024, display_height: 768 };
  const server = { type: "mcp", server_label: "docs", server_url: "https://example.com/mcp" };
  const call = { type: "function_call", call_id: "call_1", name: "get_weather", arguments: "{}" };
  const bodies: readonly [what: string, body: object, error: Record<string, unknown>][] = [
    ["tools that are no list", drawing("Hello", { tools: { type: "function" } }), { param: "tools", code: "invalid_type" }],
    [
      "a function without a name",
      ofTool({ type: "function", function: { name: "get_weather" } }),
      { param: "tools[0].name", message: "Missing required parameter: 'tools[0].name'." },
    ],
    ["a function with an empty name", ofTool({ ...weather, name: "" }), { param: "tools[0].name", code: "empty_string" }],
    ["a function with a name that is no string", ofTool({ ...weather, name: 1 }), { param: "tools[0].name", code: "invalid_type" }],
    ["a function with a bad name", ofTool({ ...weather, name: "get weather" }), { param: "tools[0].name", code: "invalid_value" }],
    ["a function with a long name", ofTool({ ...weather, name: "a".repeat(129) }), { param: "tools[0].name", code: "string_above_max_length" }],
    ["parameters that are no object", ofTool({ ...weather, parameters: [] }), { param: "tools[0].parameters", code: "invalid_type" }],
    [
      "parameters of another type",
      ofTool({ ...weather, parameters: { type: "array" } }),
      { param: "tools[0].parameters", code: "invalid_function_parameters" },
    ],
    ["a custom tool without a name", ofTool({ type: "custom" }), { param: "tools[0].name" }],
    ["an MCP server without a label", ofTool({ ...server, server_label: undefined }), { param: "tools[0].server_label" }],
    ["an MCP server without a location", ofTool({ ...server, server_url: undefined }), { param: "tools[0]" }],
    ["an unknown approval policy", ofTool({ ...server, require_approval: "sometimes" }), { param: "tools[0].require_approval" }],
    [
      "a code interpreter without a container",
      ofTool({ type: "code_interpreter" }),
      { param: "tools[0].container", message: "Missing required parameter: 'tools[0].container'." },
    ],
    ["another kind of container", ofTool({ type: "code_interpreter", container: { type: "x" } }), { param: "tools[0].container.type" }],
    ["file search without stores", ofTool({ type: "file_search" }), { param: "tools[0].vector_store_ids" }],
    ["file search with an empty list", ofTool({ type: "file_search", vector_store_ids: [] }), { param: "tools[0].vector_store_ids" }],
    ["a computer without an environment", ofTool({ ...preview, environment: undefined }), { param: "tools[0].environment" }],
    ["a computer in an unknown environment", ofTool({ ...preview, environment: "amiga" }), { param: "tools[0].environment" }],
    ["a computer without a width", ofTool({ ...preview, display_width: undefined }), { param: "tools[0].display_width" }],
    ["a choice that is a number", ofTool(weather, { tool_choice: 1 }), { param: "tool_choice", code: "invalid_type" }],
    ["a choice of a function without a name", ofTool(weather, { tool_choice: { type: "function" } }), { param: "tool_choice.name" }],
    [
      "a choice of an MCP server that is not there",
      ofTool(server, { tool_choice: { type: "mcp", server_label: "other" } }),
      { param: "tool_choice", message: "Tool choice 'other' not found in 'tools' parameter." },
    ],
    [
      "an allowed tool that is not there",
      ofTool(weather, { tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "other" }] } }),
      { param: "tool_choice", message: "Tool choice 'other' not found in 'tools' parameter." },
    ],
    [
      "an unknown mode",
      ofTool(weather, { tool_choice: { type: "allowed_tools", mode: "all", tools: [] } }),
      { param: "tool_choice.mode", code: "invalid_value" },
    ],
    [
      "an output without its call",
      asking([...message("Hello"), outputOf(call, "rain")]),
      {
        type: "invalid_request_error",
        param: "input",
        code: null,
        message: "No tool call found for function call output with call_id call_1.",
      },
    ],
    [
      "a call without its output",
      asking([...message("Hello"), call]),
      { type: "invalid_request_error", param: "input", code: null, message: "No tool output found for function call call_1." },
    ],
    [
      "an output of another kind",
      asking([...message("Hello"), call, { type: "custom_tool_call_output", call_id: "call_1", output: "" }]),
      { message: "No tool call found for custom tool call output with call_id call_1." },
    ],
    ["a call without an ID", asking([{ type: "function_call", name: "get_weather", arguments: "{}" }]), { param: "input[0].call_id" }],
    ["a call with arguments that are no string", asking([{ ...call, arguments: {} }]), { param: "input[0].arguments", code: "invalid_type" }],
    ["an output without an ID", asking([call, { type: "function_call_output", output: "" }]), { param: "input[1].call_id" }],
    ["an output without a value", asking([call, outputOf(call, undefined)]), { param: "input[1].output" }],
    ["an output with an unknown part", asking([call, outputOf(call, [{ type: "text" }])]), { param: "input[1].output[0].type" }],
    [
      "an unknown approval request",
      asking([{ type: "mcp_approval_response", approval_request_id: "mcpr_x", approve: true }]),
      { param: "input", message: expect.stringContaining("mcpr_x") },
    ],
    ["an approval that does not decide", asking([{ type: "mcp_approval_response", approval_request_id: "mcpr_x" }]), { param: "input[0].approve" }],
  ];
  for (const [what, body, error] of bodies) {
    test(`of ${what}`, async ({ simulator }) => {
      expect(await errorOf(simulator, body)).toMatchObject(error);
    });
  }
});
