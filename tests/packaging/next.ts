// Next.js with each of its bundlers.

import type { PageWay, Tool } from "./tool.js";

const pages: PageWay["pages"] = ["/", { path: "/handler", source: "server" }, { path: "/action", source: "server" }];

/** A client component, a route handler and a server action. */
export const next = (...bundler: string[]): Tool => ({
  app: "next",
  package: "next",
  dev: { serve: ["next", "dev", ...bundler, "--hostname", "127.0.0.1", "--port", "PORT"], pages, source: "inline" },
  build: {
    build: ["next", "build", ...bundler],
    warnings: /No build cache found/,
    serve: ["next", "start", "--hostname", "127.0.0.1", "--port", "PORT"],
    pages,
    output: ".next/static",
    source: "file",
  },
});
