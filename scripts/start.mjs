// `npm start`: sets up, builds, starts the simulator and the demo page, and says where it is.

import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { main, Missing, path } from "./tools.mjs";

const options = {
  port: { type: "string", default: "5173" },
  "simulator-port": { type: "string", default: "8787" },
  latency: { type: "string", default: "4000" },
  help: { type: "boolean", default: false },
};

await main(async () => {
  const values = read();
  if (values.help) {
    console.log(
      "npm start -- [--port 5173] [--simulator-port 8787] [--latency 4000]\n\n" +
        "Builds what is needed, then runs the simulator of Azure and the demo page. --latency: milliseconds for a picture.",
    );
    return;
  }
  const port = number(values, "port", 65_535);
  const simulatorPort = number(values, "simulator-port", 65_535);
  const latencyInMs = number(values, "latency", 3_600_000);
  await build();
  // Only now are the packages sure to be there.
  const { startSimulator } = await import("azure-image-simulator");
  const { createServer } = await import("vite");
  const simulator = await startSimulator({
    port: simulatorPort,
    latencyInMs,
    // Nobody looks at the log.
    logLimit: 0,
  }).catch((error) => {
    if (error.code !== "EADDRINUSE") throw error;
    throw new Missing(`Port ${simulatorPort} is taken. Choose another:\n  npm start -- --simulator-port 8788`);
  });
  process.env.VITE_SIMULATOR_URL = simulator.url;
  const page = await createServer({ configFile: path("www", "vite.config.ts"), server: { port }, logLevel: "warn" });
  await page.listen();
  const address = page.resolvedUrls?.local[0];
  console.log(`\n  Demo page   ${address}\n  Simulator   ${simulator.url}   (key: simulator-key)\n\n  Ctrl+C ends both.\n`);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, async () => {
      await Promise.all([page.close(), simulator.close()]);
      process.exit(0);
    });
  }
});

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
