/** Agents, conversations and files. */

import { photograph } from "./artwork.js";
import type { Simulator } from "azure-image-simulator";
import { expect, form, sha256, test } from "./fixtures.js";
import { AGENTS, ask, askJson, create, tool } from "./responses.js";

const definition = { kind: "prompt", model: "gpt-4.1", instructions: "Paint.", tools: [tool({ size: "1024x1024" })] };
const agents = (rest = "", query = "") => `${AGENTS}${rest}?api-version=v1${query}`;

test.describe("an agent", () => {
  test("comes into being with its first version", async ({ simulator }) => {
    const body = { description: "Paints.", definition, metadata: { app: "studio" } };
    const version = await create(simulator, body, agents("/painter/versions"));
    expect(version).toEqual({
      metadata: { app: "studio" },
      object: "agent.version",
      id: "painter:1",
      name: "painter",
      version: "1",
      description: "Paints.",
      created_at: expect.any(Number),
      definition,
      status: "active",
    });
    expect(await askJson(simulator, agents("/painter"))).toEqual({
      object: "agent",
      id: "painter",
      name: "painter",
      state: "enabled",
      configuration_state: "enabled",
      versions: { latest: version },
    });
    expect(await askJson(simulator, agents("/painter/versions/1"))).toEqual(version);
  });

  test("is created once, and updated when it changes", async ({ simulator }) => {
    const body = { name: "painter", definition };
    expect(await create(simulator, body, agents())).toMatchObject({ name: "painter", versions: { latest: { version: "1" } } });
    const again = await ask(simulator, agents(), { body });
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ error: { code: "conflict" } });
    expect((await create(simulator, { definition }, agents("/painter"))).versions.latest.version).toBe("1");
    const changed = { definition: { ...definition, model: "gpt-5" } };
    expect((await create(simulator, changed, agents("/painter"))).versions.latest.version).toBe("2");
  });

  test("is deleted, version by version or whole", async ({ simulator }) => {
    for (let count = 0; count < 3; count++) await create(simulator, { definition }, agents("/painter/versions"));
    const remove = async (rest: string) => (await ask(simulator, agents(rest), { method: "DELETE" })).json();
    expect(await remove("/painter/versions/3")).toEqual({ object: "agent.version.deleted", name: "painter", version: "3", deleted: true });
    expect((await askJson(simulator, agents("/painter"))).versions.latest.version).toBe("2");
    expect((await create(simulator, { definition }, agents("/painter/versions"))).version).toBe("4");
    expect(await remove("/painter")).toEqual({ object: "agent.deleted", name: "painter", deleted: true });
    expect((await ask(simulator, agents("/painter"))).status).toBe(404);
    expect(await remove("/painter")).toMatchObject({ error: { code: "not_found", message: "Agent painter not found." } });
  });

  test("can meet a conflict that passes", async ({ simulator }) => {
    const body = { description: "Paints. [status=409] [times=2]", definition };
    const statuses: number[] = [];
    for (let time = 0; time < 3; time++) statuses.push((await ask(simulator, agents("/painter/versions"), { body })).status);
    expect(statuses).toEqual([409, 409, 200]);
  });

  for (const [version, status] of [
    ["v1", 200],
    ["2025-11-15-preview", 200],
    ["2024-02-01", 400],
    [undefined, 400],
  ] as const) {
    test(`api-version ${version} is answered with ${status}`, async ({ simulator }) => {
      const query = version === undefined ? "" : `?api-version=${version}`;
      expect((await ask(simulator, AGENTS + query)).status).toBe(status);
    });
  }

  const names: readonly [name: string, status: number][] = [
    ["a", 200],
    ["My-Agent-2", 200],
    ["a".repeat(63), 200],
    ["a".repeat(64), 400],
    ["-agent", 400],
    ["agent-", 400],
    ["my_agent", 400],
    ["my agent", 400],
  ];
  for (const [name, status] of names) {
    test(`the name '${name}' is answered with ${status}`, async ({ simulator }) => {
      expect((await ask(simulator, agents(), { body: { name, definition } })).status).toBe(status);
      expect((await ask(simulator, agents(`/${encodeURIComponent(name)}/versions`), { body: { definition } })).status).toBe(status);
    });
  }

  const definitions: readonly [what: string, body: object, param: string][] = [
    ["no definition", {}, "/definition"],
    ["another kind", { definition: { ...definition, kind: "workflow" } }, "/definition/kind"],
    ["no model", { definition: { kind: "prompt" } }, "/definition/model"],
    ["tools that are no list", { definition: { ...definition, tools: {} } }, "/definition/tools"],
    ["a tool without a type", { definition: { ...definition, tools: [{}] } }, "/definition/tools/0"],
    ["an unknown option", { definition: { ...definition, tools: [tool({ format: "png" })] } }, "definition.tools[0].format"],
    ["a wrong quality", { definition: { ...definition, tools: [tool({ quality: "best" })] } }, "definition.tools[0].quality"],
    ["a wrong size", { definition: { ...definition, tools: [tool({ size: "10x10" })] } }, "definition.tools[0].size"],
    ["an unknown field", { definition, color: "red" }, "/color"],
    ["a description that is no text", { definition, description: 1 }, "/description"],
  ];
  for (const [what, body, param] of definitions) {
    test(`with ${what} is refused`, async ({ simulator }) => {
      const response = await ask(simulator, agents("/painter/versions"), { body });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { param } });
    });
  }
});

test.describe("lists", () => {
  const fill = async (simulator: Simulator) => {
    for (const name of ["a", "b", "c", "d", "e"]) await create(simulator, { name, definition }, agents());
  };

  const pages: readonly [query: string, names: string, more: boolean][] = [
    ["", "edcba", false],
    ["&order=asc", "abcde", false],
    ["&limit=2", "ed", true],
    ["&limit=2&after=d", "cb", true],
    ["&limit=2&after=b", "a", false],
    ["&limit=2&before=b", "dc", true],
    ["&order=asc&after=a&before=e", "bcd", false],
  ];
  for (const [query, names, more] of pages) {
    test(`${query || "without a query"} give '${names}'`, async ({ simulator }) => {
      await fill(simulator);
      const list = await askJson(simulator, agents("", query));
      expect(list.data.map(({ name }: any) => name).join("")).toBe(names);
      expect(list).toMatchObject({ object: "list", first_id: names[0], last_id: names.at(-1), has_more: more });
    });
  }

  test("of versions are read the same way", async ({ simulator }) => {
    for (let count = 0; count < 3; count++) await create(simulator, { definition }, agents("/painter/versions"));
    const list = await askJson(simulator, agents("/painter/versions", "&limit=2"));
    expect(list).toMatchObject({ first_id: "painter:3", last_id: "painter:2", has_more: true });
    expect((await askJson(simulator, agents("/painter/versions", "&after=painter:2"))).data).toMatchObject([{ version: "1" }]);
  });

  test("of nothing are empty", async ({ simulator }) => {
    expect(await askJson(simulator, agents())).toEqual({ object: "list", data: [], first_id: null, last_id: null, has_more: false });
  });

  for (const query of ["&limit=0", "&limit=101", "&limit=x", "&order=up"]) {
    test(`${query} is refused`, async ({ simulator }) => {
      expect((await ask(simulator, agents("", query))).status).toBe(400);
    });
  }
});

test.describe("a conversation", () => {
  for (const path of ["/openai/v1/conversations", "/api/projects/studio/openai/v1/conversations"]) {
    test(`at ${path} is created, found and deleted`, async ({ simulator }) => {
      const made = await create(simulator, { items: [{ role: "user", content: "Hello" }], metadata: { app: "studio" } }, path);
      expect(made).toEqual({
        id: expect.stringMatching(/^conv_/),
        object: "conversation",
        created_at: expect.any(Number),
        metadata: { app: "studio" },
      });
      expect(await askJson(simulator, `${path}/${made.id}`)).toEqual(made);
      expect(await askJson(simulator, `${path}/${made.id}/items`)).toMatchObject({ data: [{ type: "message", role: "user", content: "Hello" }] });
      const deleted = await ask(simulator, `${path}/${made.id}`, { method: "DELETE" });
      expect(await deleted.json()).toEqual({ id: made.id, object: "conversation.deleted", deleted: true });
      expect((await ask(simulator, `${path}/${made.id}`)).status).toBe(404);
    });
  }

  test("with too much metadata is refused", async ({ simulator }) => {
    const body = { metadata: { key: "v".repeat(513) } };
    expect((await ask(simulator, "/openai/v1/conversations", { body })).status).toBe(400);
  });
});

test.describe("a file", () => {
  const upload = (simulator: Simulator, fields: Record<string, string | Blob>, path = "/openai/v1/files") =>
    fetch(simulator.url + path, { method: "POST", headers: { "api-key": "simulator-key" }, body: form(fields) });

  for (const path of ["/openai/v1/files", "/api/projects/studio/openai/v1/files"]) {
    test(`at ${path} is uploaded, found, read and deleted`, async ({ simulator }) => {
      const bytes = await photograph(40, 25).png().toBuffer();
      const file = new File([new Uint8Array(bytes)], "beach.png", { type: "image/png" });
      const response = await upload(
        simulator,
        { purpose: "assistants", "expires_after[anchor]": "created_at", "expires_after[seconds]": "3600", file },
        path,
      );
      const made = (await response.json()) as any;
      expect(made).toEqual({
        id: expect.stringMatching(/^file-/),
        object: "file",
        bytes: bytes.length,
        created_at: expect.any(Number),
        expires_at: made.created_at + 3600,
        filename: "beach.png",
        purpose: "assistants",
        status: "processed",
      });
      expect(await askJson(simulator, `${path}/${made.id}`)).toEqual(made);
      expect((await askJson(simulator, path)).data).toEqual([made]);
      expect((await askJson(simulator, `${path}?purpose=batch`)).data).toEqual([]);
      const content = await ask(simulator, `${path}/${made.id}/content`);
      expect(content.headers.get("content-type")).toBe("image/png");
      expect(sha256(Buffer.from(await content.arrayBuffer()).toString("base64"))).toBe(sha256(bytes.toString("base64")));
      const deleted = await ask(simulator, `${path}/${made.id}`, { method: "DELETE" });
      expect(await deleted.json()).toEqual({ id: made.id, object: "file", deleted: true });
      expect((await ask(simulator, `${path}/${made.id}`)).status).toBe(404);
    });
  }

  const file = new File(["text"], "a.txt", { type: "text/plain" });
  const refused: readonly [what: string, fields: Record<string, string | Blob>, param: string][] = [
    ["no file", { purpose: "assistants" }, "file"],
    ["no purpose", { file }, "purpose"],
    ["a purpose of OpenAI", { file, purpose: "vision" }, "purpose"],
  ];
  for (const [what, fields, param] of refused) {
    test(`with ${what} is refused`, async ({ simulator }) => {
      const response = await upload(simulator, fields);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { param } });
    });
  }
});
