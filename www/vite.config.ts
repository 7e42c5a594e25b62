import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

/** No inline script, no inline style, nothing from elsewhere; but calls may go to any endpoint that a person types in. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self' https: http://127.0.0.1:* http://localhost:*",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** In the page itself, since a static host may set no headers. While it is developed, Vite needs more. */
const policy: Plugin = {
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [{ tag: "meta", attrs: { "http-equiv": "content-security-policy", content: POLICY }, injectTo: "head-prepend" }],
};

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // The built page works below any path, so it can be put on any static host.
  base: "./",
  plugins: [policy],
  build: {
    outDir: "dist",
    rolldownOptions: { input: ["index.html", "signed-in.html"].map((name) => fileURLToPath(new URL(name, import.meta.url))) },
    // Files stay files: the content security policy needs no data: URLs.
    assetsInlineLimit: 0,
  },
  server: { port: 5173, strictPort: false },
});
