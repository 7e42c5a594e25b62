// The client with a server that others wrote, which plays OpenAI's APIs for tests of other clients.

import { LLMock } from "@copilotkit/aimock";
import { expect, test as base } from "./fixtures.js";

const test = base.extend<{ mock: LLMock }>({
  mock: async ({}, use) => {
    const mock = new LLMock({ port: 0 });
    await mock.start();
    await use(mock);
    await mock.stop();
  },
});

for (const store of [true, false]) {
  test(`a function is run and its output is used, ${store ? "in a stored response" : "although nothing is stored"}`, async ({ page, mock }) => {
    const parameters = JSON.stringify({ city: "Oslo" });
    mock.onToolResult("call_weather", { content: "It snows in Oslo." });
    mock.onMessage("weather", { toolCalls: [{ id: "call_weather", name: "get_weather", arguments: parameters }] });
    const report = await page.evaluate(
      async ({ endpoint, store }) => {
        const client = new azure.AzureImageClient(endpoint, { key: "a-key" }, { imageDeployment: "gpt-image-1" });
        const given: unknown[] = [];
        const types = new Set<string>();
        let said = "";
        const run = client.responses.runTools(
          {
            model: "gpt-4.1",
            input: "How is the weather?",
            tools: [{ type: "function", name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } }],
            store,
          },
          {
            get_weather: (parameters, { call }) => {
              given.push(parameters, call.callId, call.arguments);
              return { sky: "snow" };
            },
          },
        );
        for await (const event of run) {
          types.add(event.type);
          if (event.type === "textDelta") said += event.delta;
        }
        const { text, toolCalls, responses } = await run.result();
        return { given, types: [...types], said, text, waiting: toolCalls.length, responses: responses.length };
      },
      { endpoint: `${mock.url}/v1`, store },
    );
    expect(report).toMatchObject({
      given: [{ city: "Oslo" }, "call_weather", parameters],
      said: "It snows in Oslo.",
      text: "It snows in Oslo.",
      waiting: 0,
      responses: 2,
    });
    expect(report.types).toEqual(expect.arrayContaining(["toolCallDelta", "toolCall", "textDelta", "completed"]));
  });
}
