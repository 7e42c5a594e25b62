// `npm start`: sets up, builds, starts the demo page and, behind it, the simulator or a real resource, and says where it is.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { step } from "./steps.mjs";
import { main, Missing, path } from "./tools.mjs";

const options = {
  port: { type: "string", default: "5173" },
  "simulator-port": { type: "string", default: "8787" },
  latency: { type: "string", default: "4000" },
  azure: { type: "string" },
  help: { type: "boolean", default: false },
};

/**
 * Runs the page, as a static host would serve it and under the same policy, and behind it the simulator or, at `azure`, a resource. The
 * packages are built. Whoever asks the simulator for the same three times wants to choose: each request has a seed. Resolves to the addresses, and to what ends it.
 */
export async function serve({ port, simulatorPort, latencyInMs, azure, seed = () => crypto.randomUUID() }) {
  const { build, preview } = await import("vite");
  const back = azure === undefined ? await startBehind(simulatorPort, latencyInMs, seed) : await passOn(azure);
  const outDir = await mkdtemp(join(tmpdir(), "azure-image-page-"));
  const shared = { configFile: path("www", "vite.config.ts"), logLevel: "warn" };
  await build({
    ...shared,
    build: { outDir, emptyOutDir: true },
    define: { "import.meta.env.VITE_ENDPOINT": JSON.stringify(back.endpoint), "import.meta.env.VITE_CREDENTIAL": JSON.stringify(back.credential) },
  });
  const page = await preview({
    ...shared,
    build: { outDir },
    preview: { port },
    plugins: [{ name: "azure", configurePreviewServer: ({ middlewares }) => void middlewares.use(protect).use(back.handle) }],
  });
  const close = () => Promise.all([page.close(), back.close(), rm(outDir, { recursive: true })]);
  return { address: page.resolvedUrls?.local[0], back: back.words, close };
}

/** Headers of every response. A page of another site that frames this one could make a visitor click "Generate", which is billed. */
const HEADERS = {
  "Content-Security-Policy": "frame-ancestors 'none'",
  "X-Frame-Options": "DENY",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

function protect(_request, response, next) {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  next();
}

/** The simulator, which the page calls as it would call Azure. */
async function startBehind(port, latencyInMs, seed) {
  const { startSimulator } = await import("azure-image-simulator");
  const simulator = await startSimulator({
    port,
    latencyInMs,
    seed,
    // Nobody looks at the log.
    logLimit: 0,
  }).catch((error) => {
    if (error.code !== "EADDRINUSE") throw error;
    throw new Missing(`Port ${port} is taken. Choose another:\n  npm start -- --simulator-port 8788`);
  });
  return {
    endpoint: simulator.url,
    credential: "key",
    words: `Simulator   ${simulator.url}   (key: simulator-key)`,
    handle: (_request, _response, next) => next(),
    close: () => simulator.close(),
  };
}

/** The proxy of the package, on the origin of the page: no secret reaches the browser, and CORS is not involved. */
async function passOn(azure) {
  const { AZURE_OPENAI_API_KEY: key, AZURE_OPENAI_TOKEN: token } = process.env;
  if (!key && !token) {
    throw new Missing(
      `--azure needs a credential in the environment: AZURE_OPENAI_API_KEY with a key, or AZURE_OPENAI_TOKEN with a token:\n${TOKEN}`,
    );
  }
  const { createProxy, toNodeHandler } = await import("azure-image-client/proxy");
  let handle;
  try {
    const credential = key ? { key } : () => token;
    // The server listens on this machine only, and its user pays. The page offers every tool.
    const allow = { tools: TOOLS };
    handle = toNodeHandler(createProxy({ endpoint: azure, credential, basePath: PROXY_PATH, authorize: "anyone", allow }));
  } catch ({ message }) {
    // The proxy names its own options.
    throw new Missing(message.replace("endpoint", "--azure").replace("credential.key", "AZURE_OPENAI_API_KEY"));
  }
  return {
    endpoint: PROXY_PATH,
    credential: "none",
    words: `Azure       ${azure}   (behind ${PROXY_PATH}; the ${key ? "key" : "token"} stays here. What the page makes is billed.)`,
    handle: (request, response, next) => (request.url?.startsWith(`${PROXY_PATH}/`) ? handle(request, response) : next()),
    close: async () => {},
  };
}

const PROXY_PATH = "/api/azure";
const TOOLS = ["image_generation", "function", "custom", "code_interpreter", "web_search", "web_search_preview", "file_search", "mcp"];
const TOKEN =
  "  export AZURE_OPENAI_TOKEN=$(az account get-access-token --resource https://cognitiveservices.azure.com --query accessToken --output tsv)";

async function start() {
  const values = read();
  if (values.help) {
    console.log(
      "npm start -- [--port 5173] [--simulator-port 8787] [--latency 4000]\n" +
        "npm start -- --azure https://my-resource.openai.azure.com [--port 5173]\n\n" +
        "Builds what is needed, then runs the simulator of Azure and the demo page. --latency: milliseconds for a picture.\n" +
        "--azure: a real resource, or a Foundry project, instead of the simulator; the key or token comes from AZURE_OPENAI_API_KEY or AZURE_OPENAI_TOKEN.",
    );
    return;
  }
  const port = number(values, "port", 65_535);
  const simulatorPort = number(values, "simulator-port", 65_535);
  const latencyInMs = number(values, "latency", 3_600_000);
  const azure = values.azure === undefined ? undefined : resource(values.azure);
  // Only after that are the packages sure to be there.
  await build();
  const { address, back, close } = await step("Build the demo page", () => serve({ port, simulatorPort, latencyInMs, azure }));
  console.log(`\n  Demo page   ${address}\n  ${back}\n\n  Ctrl+C ends ${azure === undefined ? "both" : "it"}.\n`);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, async () => {
      await close();
      process.exit(0);
    });
  }
}

function read() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Missing(`${error.message}\n  npm start -- --help`);
  }
}

function number(values, name, most) {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new Missing(`--${name} must be a whole number from 0 to ${most}; it is "${values[name]}".`);
}

function resource(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || url?.hostname === "127.0.0.1" || url?.hostname === "localhost") return url.href.replace(/\/$/, "");
  throw new Missing(`--azure must be the https: address of a resource or a Foundry project; it is "${text}".`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(start);
