// What an app downloads of the package, bundled and minified by Vite as its users do it.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";

const START = `import { AzureImageClient, AzureImageError, init } from "azure-image-client";
  const client = new AzureImageClient("https://my-resource.openai.azure.com", getToken);`;

const APPS = {
  generate: `${START}
    addEventListener("click", async () => {
      for await (const { image } of client.generateStream({ prompt: "a lake" })) show(image);
    });`,
  everything: `${START}
    addEventListener("click", async () => {
      await init();
      try {
        show(await client.edit({ prompt: "a lake", image }), client.validate(request), client.estimate(request), client.probe());
      } catch (error) {
        if (error instanceof AzureImageError) show(error);
      }
      show(client.responses.stream(request), await client.responses.start(request), client.responses.resume("id"));
      show(client.agents.list(), client.conversations.create(), client.files.upload(file));
    });`,
};

export const FORMS = ["minified", "gzip", "brotli"] as const;

/** A row of the table: what is loaded, when, and its bytes in each of the {@link FORMS}. */
export interface Part {
  name: string;
  when: string;
  bytes: number[];
}

export const AT_START = "at the start";
/** Beside the first module. */
const IDLE = "when idle";
/** Beside the second module. */
const LATER = "when first used";

/** The chunks that `import()` loads, by the names of their modules. */
const CHUNKS: Record<string, Omit<Part, "bytes">> = {
  runtime: { name: "runtime, with wasm-bindgen's glue", when: IDLE },
  more: { name: "TypeScript for the rest", when: LATER },
};

/** `folder`: where the package is installed. The parts of an app that only generates, and what it comes to for each app. */
export async function measure(folder: string): Promise<Part[]> {
  const [generate, everything] = [await partsOf("generate", folder), await partsOf("everything", folder)];
  const needed = generate.filter(({ when }) => when !== LATER);
  return [...generate, sum("**all, to make pictures**", needed), sum("**all, with everything used**", everything)];
}

async function partsOf(app: keyof typeof APPS, folder: string): Promise<Part[]> {
  const input = join(folder, `size-${app}.js`);
  await writeFile(input, APPS[app]);
  const { output } = (await build({
    root: folder,
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "esnext",
      // Vite's own, which an app has or has not whatever it imports.
      modulePreload: false,
      rollupOptions: { input },
    },
  })) as Rolldown.RolldownOutput;
  const atStart = startsWith(output);
  return output.map((file) => {
    if (file.type === "asset") {
      const isMore = file.fileName.includes("_more");
      return { name: isMore ? "WebAssembly for the rest" : "WebAssembly", when: isMore ? LATER : IDLE, bytes: sizes(file.source) };
    }
    const bytes = sizes(file.code);
    if (atStart.has(file.fileName)) return { name: file.isEntry ? "TypeScript facade" : `facade: ${file.name}`, when: AT_START, bytes };
    return { ...(CHUNKS[file.name] ?? { name: file.name, when: LATER }), bytes };
  });
}

/** What the entry imports, and what that does. */
function startsWith(output: Rolldown.RolldownOutput["output"]): Set<string> {
  const found = new Set<string>([output[0].fileName]);
  for (const fileName of found) {
    const file = output.find((file) => file.fileName === fileName);
    if (file?.type === "chunk") for (const name of file.imports) found.add(name);
  }
  return found;
}

function sizes(content: string | Uint8Array): number[] {
  const bytes = Buffer.from(content);
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return [bytes.length, gzipSync(bytes, { level: 9 }).length, brotli.length];
}

function sum(name: string, parts: Part[]): Part {
  return { name, when: "", bytes: FORMS.map((_, form) => parts.reduce((total, { bytes }) => total + (bytes[form] ?? 0), 0)) };
}
