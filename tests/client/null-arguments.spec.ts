import type { AzureImageClient } from "../../js/index.js";
import { expect, test } from "./fixtures.js";

test("null options are like none in every method, and a null request is refused by its name", async ({ page, simulator }) => {
  const wrong = await page.evaluate(async (origin) => {
    const endpoint = `${origin}/api/projects/mine`;
    const key = { key: "simulator-key" };
    const make = (options: object | null) => new azure.AzureImageClient(endpoint, key, options as never);
    const client = make({ deployment: "gpt-image-1", imageDeployment: "gpt-image-1" });
    const image = new Blob([Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91Jpz"), (letter) => letter.charCodeAt(0))]);
    const prompt = { prompt: "a lake" };
    const [picture] = (await client.generate({ ...prompt, outputFormat: "png" })).images;
    const edit = { ...prompt, image: picture! };
    const response = { model: "gpt-4.1", input: "Draw a lake" };
    const read = async (list: AsyncIterable<unknown>) => {
      for await (const _ of list);
    };
    await client.agents.createVersion("painter", { model: "gpt-4.1" });
    const { id: fileId } = await client.files.upload(picture!);
    const { id } = await client.conversations.create();
    const started = await client.responses.start(response);
    const job = started.id;
    await started.result();
    const withOptions: Record<string, (options: never) => unknown> = {
      constructor: (options: never) => make(options).generate({ ...prompt, deployment: "gpt-image-1" }),
      generate: (options) => client.generate(prompt, options),
      generateStream: (options) => client.generateStream(prompt, options).result(),
      edit: (options) => client.edit(edit, options),
      editStream: (options) => client.editStream(edit, options).result(),
      validate: (options) => client.validate(prompt, options),
      estimate: (options) => client.estimate(prompt, options),
      probe: (options) => client.probe(options),
      "responses.create": (options) => client.responses.create(response, options),
      "responses.stream": (options) => client.responses.stream(response, options).result(),
      "responses.start": async (options) => (await client.responses.start(response, options)).result(),
      "responses.resume": (options) => client.responses.resume(job, options).result(),
      "responses.get": (options) => client.responses.get(job, options),
      "responses.cancel": (options) => client.responses.cancel(job, options),
      "job.cancel": (options) => started.cancel(options),
      "responses.delete": (options) => client.responses.delete(job, options),
      "agents.createVersion": (options) => client.agents.createVersion("painter", { model: "gpt-4.1" }, options),
      "agents.get": (options) => client.agents.get("painter", options),
      "agents.getVersion": (options) => client.agents.getVersion("painter", "1", options),
      "agents.list": (options) => read(client.agents.list(options)),
      "agents.listVersions": (options) => read(client.agents.listVersions("painter", options)),
      "conversations.create": (options) => client.conversations.create(options, options),
      "conversations.get": (options) => client.conversations.get(id, options),
      "files.list": (options) => read(client.files.list(options)),
      "files.get": (options) => client.files.get(fileId, options),
      "files.upload": (options) => client.files.upload(picture!, options),
      byPage: (options) => read(client.files.list(options).byPage(options)),
    };
    // Each can be done once for each kind of nothing.
    const deletions: Record<string, (options: never, index: number) => unknown> = {
      "conversations.delete": async (options) => client.conversations.delete((await client.conversations.create()).id, options),
      "files.delete": async (options) => client.files.delete((await client.files.upload(image)).id, options),
      "agents.deleteVersion": async (options) => {
        const { version } = await client.agents.createVersion("painter", { model: "gpt-4.1", instructions: String(options) });
        return client.agents.deleteVersion("painter", version, options);
      },
      "agents.delete": async (options, index) => {
        await client.agents.createVersion(`a${index}`, { model: "gpt-4.1" });
        return client.agents.delete(`a${index}`, options);
      },
    };
    const wrong: string[] = [];
    for (const [index, options] of [null, undefined].entries()) {
      for (const [name, call] of Object.entries({ ...withOptions, ...deletions })) {
        if (options === undefined && name === "responses.delete") continue;
        if (name === "responses.delete") await client.responses.create(response);
        const { error } = await helpers.settled(async () => call(options as never, index));
        // A deleted response cannot be read again.
        const isGone = index === 1 && error?.code === "not_found" && /responses\.(resume|get|cancel)|job/.test(name);
        if (error && !isGone) wrong.push(`${name}(${options}): ${error.code} ${error.message}`);
      }
    }
    const required: Record<string, (value: never, client: AzureImageClient) => unknown> = {
      "request generate": (value) => client.generate(value, value),
      "request generateStream": (value) => client.generateStream(value, value).result(),
      "request edit": (value) => client.edit(value, value),
      "request editStream": (value) => client.editStream(value, value).result(),
      "request validate": (value) => client.validate(value, value),
      "request estimate": (value) => client.estimate(value, value),
      "request responses.create": (value) => client.responses.create(value, value),
      "request responses.stream": (value) => client.responses.stream(value, value).result(),
      "request responses.start": (value) => client.responses.start(value, value),
      "id responses.resume": (value) => client.responses.resume(value, value).result(),
      "id responses.get": (value) => client.responses.get(value, value),
      "id responses.cancel": (value) => client.responses.cancel(value, value),
      "id responses.delete": (value) => client.responses.delete(value, value),
      "name agents.createVersion": (value) => client.agents.createVersion(value, value, value),
      "definition agents.createVersion": (value) => client.agents.createVersion("painter", value, value),
      "name agents.get": (value) => client.agents.get(value, value),
      "name agents.delete": (value) => client.agents.delete(value, value),
      "name agents.getVersion": (value) => client.agents.getVersion(value, value, value),
      "name agents.listVersions": (value) => read(client.agents.listVersions(value, value)),
      "id conversations.get": (value) => client.conversations.get(value, value),
      "id files.get": (value) => client.files.get(value, value),
      "id files.delete": (value) => client.files.delete(value, value),
      "file files.upload": (value) => client.files.upload(value, value),
      "endpoint ": (value) => new azure.AzureImageClient(value, key, value).generate(prompt),
    };
    for (const value of [null, undefined]) {
      for (const [name, call] of Object.entries(required)) {
        const [param] = name.split(" ");
        const { error } = await helpers.settled(async () => call(value as never, client));
        if (error?.code !== "invalid_request" || error.param !== param)
          wrong.push(`${name}(${value}): ${error?.code} ${error?.param} ${error?.message}`);
      }
    }
    return wrong;
  }, simulator.url);
  expect(wrong).toEqual([]);
});
