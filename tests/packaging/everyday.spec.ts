// The tools that break most easily, and those that need no installation. `npm test` runs them.

import { testTools } from "./matrix.js";

testTools("everyday", {
  "Vite 5": {
    app: "vite",
    package: "vite5",
    dev: { serve: ["vite5#vite", "--host", "127.0.0.1", "--port", "PORT"], source: "inline" },
    build: { build: ["vite5#vite", "build"], folder: "dist", output: "dist", source: "file" },
  },
  "Service Worker, no bundler": { app: "service-worker", build: { source: "file", runsIn: "serviceworker" } },
  "import map, no bundler": { app: "import-map", build: { source: "file" } },
  Node: { app: "node", build: { run: ["node", "main.js"] } },
});
