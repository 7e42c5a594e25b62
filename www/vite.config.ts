import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // The built page works below any path, so it can be put on any static host.
  base: "./",
  build: {
    outDir: "dist",
    // Files stay files: the content security policy needs no data: URLs.
    assetsInlineLimit: 0,
  },
  server: { port: 5173, strictPort: false },
});
