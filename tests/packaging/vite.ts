import type { Tool } from "./tool.js";

/** The same app in each version of Vite. */
export const vite = (name: string): Tool => ({
  app: "vite",
  package: name,
  dev: { serve: [`${name}#vite`, "--host", "127.0.0.1", "--port", "PORT"], source: "inline" },
  build: { build: [`${name}#vite`, "build"], folder: "dist", output: "dist", source: "file" },
});
