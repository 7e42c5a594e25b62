import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import type { Simulator } from "azure-image-simulator";
import sharp from "sharp";
import { startPageServer } from "../client/page-server.js";
import { expect, generate, prompt, status, test } from "./fixtures.js";

const { findPython } = (await import(String(new URL("../../scripts/python.mjs", import.meta.url)))) as { findPython(): Promise<string> };
const execute = promisify(execFile);

const LANGUAGES = ["TypeScript", "curl", "Python"] as const;

/** What is asked of the page, and done with it. */
interface Case {
  /** The file that the Python program writes. */
  readonly file?: string;
  /** A file without an image that it writes. */
  readonly data?: string;
  prepare(page: Page): Promise<unknown>;
  /** Does on the page what its code says. */
  act(page: Page): Promise<unknown>;
}

const model = (page: Page) => page.getByRole("combobox", { name: "Its model" });
const addImages = async (page: Page) => {
  const buffer = await meadow();
  await page.locator('input[type="file"]').setInputFiles(["one.png", "two.png"].map((name) => ({ name, mimeType: "image/png", buffer })));
};
const talk = (page: Page) => page.getByRole("region", { name: "Talk" });
/** Turns the endpoint into that of a Foundry project, which takes a key in a header only. */
const useProject = async (page: Page) => {
  const endpoint = page.getByRole("textbox", { name: "Endpoint" });
  await endpoint.fill(`${await endpoint.inputValue()}/api/projects/demo`);
};
const say = async (page: Page) => {
  await talk(page).getByRole("button", { name: "Send" }).click();
  await isDrawn(page);
};
const sayAndApprove = async (page: Page) => {
  await talk(page).getByRole("button", { name: "Send" }).click();
  await talk(page).getByRole("button", { name: "Approve" }).click();
  await isDrawn(page);
};
const isDrawn = async (page: Page) => {
  await expect(talk(page).getByRole("button", { name: "Use as input" })).toBeVisible();
  await expect(talk(page).getByRole("button", { name: "Stop" })).toBeDisabled();
};
const make = async (page: Page) => {
  await generate(page).click();
  await expect(status(page)).toHaveText(/^Finished/);
};

const CASES: Record<string, Case> = {
  "a stream": {
    file: "image_generation.completed.jpeg",
    async prepare(page) {
      await prompt(page).fill('A fox\'s "den"\nin the $HOME of `snow`');
      await page.getByText("More options").click();
      await page.getByRole("radio", { name: "JPEG" }).check();
    },
    act: make,
  },
  "a picture of DALL·E": {
    async prepare(page) {
      await page.getByRole("textbox", { name: "Deployment" }).fill("dall-e-3");
      await model(page).selectOption("dall-e-3");
      await page.getByRole("radio", { name: "HD" }).check();
    },
    act: make,
  },
  "an edit with a mask": {
    file: "image_edit.completed.png",
    async prepare(page) {
      await prompt(page).fill("@home; <b>at</b> night;type=text/html");
      await addImages(page);
      await page.getByRole("button", { name: "Paint a mask" }).click();
      await page.getByRole("application").press(" ");
      await page.getByRole("button", { name: "Use the mask" }).click();
    },
    act: make,
  },
  "an image of MAI": {
    async prepare(page) {
      await model(page).selectOption("MAI-Image-2.7");
      await prompt(page).fill('A fox\'s "den"\nin the $HOME of `snow`');
      await page.getByRole("radio", { name: "Tall" }).check();
      await page.getByText("More options").click();
      await page.getByRole("radio", { name: "Transparent" }).check();
      await page.getByRole("checkbox", { name: "Search the web" }).check();
    },
    act: make,
  },
  "an edit of MAI": {
    async prepare(page) {
      await model(page).selectOption("MAI-Image-2.6");
      await addImages(page);
      await page.getByText("More options").click();
      await page.getByRole("checkbox", { name: "Search the web" }).check();
    },
    act: make,
  },
  "an image of FLUX": {
    file: "image.jpeg",
    async prepare(page) {
      await model(page).selectOption("FLUX.2-flex");
      await page.getByText("More options").click();
      await page.getByRole("radio", { name: "JPEG" }).check();
      await page.getByRole("spinbutton", { name: "Seed" }).fill("7");
      await page.getByRole("spinbutton", { name: "Guidance" }).fill("4.5");
      await page.getByRole("checkbox", { name: "Extend the prompt" }).check();
    },
    act: make,
  },
  "an edit of FLUX": {
    async prepare(page) {
      await model(page).selectOption("FLUX.2-pro");
      await prompt(page).fill('A fox\'s "den"\nin the $HOME of `snow`');
      await addImages(page);
      await page.getByRole("radio", { name: "Auto" }).check();
    },
    act: make,
  },
  "a turn of a conversation": {
    async prepare(page) {
      await page.getByRole("button", { name: "Talk" }).click();
      await talk(page).getByRole("textbox", { name: "Say" }).fill("Draw a lighthouse");
    },
    act: say,
  },
  "a turn that calls a function of the page": {
    async prepare(page) {
      await page.getByRole("button", { name: "Talk" }).click();
      await talk(page).getByRole("textbox", { name: "Say" }).fill("Draw a lighthouse in the colors of this page");
    },
    act: say,
  },
  "a turn with every tool": {
    data: "squares.csv",
    async prepare(page) {
      await useProject(page);
      await page.getByRole("button", { name: "Talk" }).click();
      for (const name of ["Code interpreter", "Web search", "MCP server"]) await talk(page).getByRole("checkbox", { name }).check();
      await talk(page)
        .getByRole("textbox", { name: "Say" })
        .fill("Search the web for a lighthouse, compute its squares and draw it in the colors of this page");
    },
    act: sayAndApprove,
  },
  "a job with approvals": {
    async prepare(page) {
      await page.getByRole("button", { name: "Talk" }).click();
      await talk(page).getByRole("checkbox", { name: "MCP server" }).check();
      await talk(page)
        .getByRole("checkbox", { name: /In the background/ })
        .check();
      await talk(page).getByRole("textbox", { name: "Say" }).fill("Search for a lighthouse and draw it");
    },
    act: sayAndApprove,
  },
  "a job of an agent": {
    async prepare(page) {
      await useProject(page);
      await page.getByRole("button", { name: "Talk" }).click();
      await talk(page).getByRole("combobox", { name: "To the" }).selectOption("agent");
      await talk(page).getByRole("button", { name: "Make this agent" }).click();
      await expect(talk(page).getByRole("status", { name: "Agent" })).toHaveText("painter is there, version 1.");
      await talk(page)
        .getByRole("checkbox", { name: /In the background/ })
        .check();
      await talk(page).getByRole("textbox", { name: "Say" }).fill("Draw a lighthouse");
    },
    act: say,
  },
};

const meadow = () =>
  sharp({ create: { width: 1024, height: 1024, channels: 3, background: "#3a7" } })
    .png()
    .toBuffer();

for (const [name, { file = "image.png", data, prepare, act }] of Object.entries(CASES)) {
  test(`the code of ${name} does in each language what the page does`, { tag: "@nightly" }, async ({ page, context, simulator }, info) => {
    await prepare(page);
    const view = page.locator(".code").filter({ visible: true }).last();
    await view.getByText("View code").click();
    const codes: string[] = [];
    for (const language of LANGUAGES) {
      await view.getByRole("button", { name: language, exact: true }).click();
      await expect(view.locator("code")).toContainText({ TypeScript: "azure-image-client", curl: "curl", Python: "import base64" }[language]);
      codes.push(await view.locator("code").innerText());
    }
    expect(codes.join()).not.toContain("simulator-key");

    const [inTypeScript = "", inCurl = "", inPython = ""] = codes;
    const sent = recorder(simulator);
    await act(page);
    const wanted = sent();
    const folder = info.outputPath();
    for (const name of ["image-1.png", "image-2.png"]) await writeFile(join(folder, name), await meadow());
    await writeFile(
      join(folder, "mask.png"),
      await sharp(await meadow())
        .ensureAlpha(0.5)
        .png()
        .toBuffer(),
    );
    const options = { cwd: folder, env: { ...process.env, AZURE_OPENAI_API_KEY: "simulator-key" } };

    await run(inTypeScript, await context.newPage(), folder);
    expect(sent()).toEqual(wanted);
    const { stdout } = await execute("bash", ["-c", inCurl], { ...options, maxBuffer: 100_000_000 });
    expect(stdout).toMatch(/completed|b64_json/);
    // A command answers no call.
    expect(sent()).toEqual(wanted.slice(0, 1));
    const running = execute(await findPython(), ["-c", inPython], options);
    running.child.stdin?.end("y\n");
    await running;
    expect(sent()).toEqual(wanted);
    expect((await readFile(join(folder, file))).byteLength).toBeGreaterThan(10_000);
    if (data) expect(await readFile(join(folder, data), "utf8")).not.toBe("");
  });
}

/** Returns a function that returns the requests for images since its last call: their paths, bodies and files. */
function recorder(simulator: Simulator): () => unknown[] {
  let seen = simulator.requests.length;
  return () => {
    const requests = simulator.requests.slice(seen).filter(({ method, path }) => method === "POST" && !path.includes("/agents"));
    seen = simulator.requests.length;
    return requests.map(({ path, body, files, headers }) => {
      const deployment = headers["x-ms-oai-image-generation-deployment"];
      // Each client writes it in its own way in a form.
      const stream = String((body as { stream?: unknown }).stream).toLowerCase();
      return { path, body: { ...withoutIds(body as object), stream }, deployment, files: files?.map(({ field }) => field).toSorted() };
    });
  };
}

/** A body without what differs each time: the ids that the service gives, the colors of the page, and the order of replies. */
function withoutIds(body: object): object {
  const text = JSON.stringify(body, (name, value) => {
    if (name === "output") return Object.keys(JSON.parse(String(value)));
    if (name === "input" && Array.isArray(value)) return value.toSorted((one, other) => String(one.type).localeCompare(String(other.type)));
    return typeof value === "string" ? value.replace(/^(resp|call|mcpr)_\w+$/, "$1") : value;
  });
  return JSON.parse(text);
}

/** Runs a program as a module of a page that has what it speaks of. */
async function run(program: string, page: Page, folder: string): Promise<void> {
  const pages = await startPageServer([
    ["/azure-image-client/", fileURLToPath(new URL("../../dist/", import.meta.url))],
    ["/", folder],
  ]);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => problems.push(message.text()));
  page.on("dialog", (dialog) => void dialog.accept());
  await writeFile(
    join(folder, "program.html"),
    `<!doctype html><link rel="icon" href="data:,"><body><img><p></p></body>
    <script type="importmap">{ "imports": { "azure-image-client": "/azure-image-client/index.js" } }</script>
    <script type="module">
      const read = async (name) => (await fetch(name)).blob();
      Object.assign(globalThis, {
        key: "simulator-key",
        files: [await read("image-1.png"), await read("image-2.png")],
        mask: await read("mask.png"),
      });
    </script>
    <script type="module">
      ${program}
      document.title = "done";
    </script>`,
  );
  await page.goto(`${pages.origin}/program.html`);
  await expect.poll(async () => [await page.title(), ...problems]).toEqual(["done"]);
  await expect.poll(() => page.locator("img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  await page.close();
  await pages.close();
}
