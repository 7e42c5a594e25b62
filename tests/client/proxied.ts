// A page that takes any certificate, and an nginx in front of the simulator that speaks HTTP/2.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNginx } from "../nginx.js";
import { listen } from "../ports.js";
import { test as base } from "./fixtures.js";
import { EVENTS } from "./samples.js";

/** Whether the program is there. */
export const openssl = spawnSync("openssl", ["version"]).status === 0;
/** Why a test is skipped without. */
export const WITHOUT_OPENSSL = "openssl is not there, which makes the certificate";

/** A certificate that nobody has signed but itself: the files of it and of its key. */
interface Certificate {
  cert: string;
  key: string;
}

/** A service that begins each answer with a small preview, and then holds it. */
interface Holding {
  origin: string;
  held: ServerResponse[];
}

export const [PREVIEW = ""] = EVENTS;

export const test = base.extend<object, { certificate: Certificate; holding: Holding; proxied: string }>({
  shared: [
    async ({ browser }, use) => {
      const page = await browser.newPage({ ignoreHTTPSErrors: true });
      await use(page);
      await page.close();
    },
    { scope: "worker" },
  ],
  certificate: [
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), "azure-image-client-certificate-"));
      const certificate = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
      const { cert, key } = certificate;
      const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
      const algorithm = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
      execFileSync("openssl", ["req", "-x509", ...algorithm, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
      await use(certificate);
      await rm(folder, { recursive: true });
    },
    { scope: "worker" },
  ],
  holding: [
    async ({}, use) => {
      const held: ServerResponse[] = [];
      const server = createServer((request, response) => {
        response.setHeader("access-control-allow-origin", "*").setHeader("access-control-allow-headers", "api-key, content-type");
        if (request.method !== "POST") return void response.end();
        response.setHeader("content-type", "text/event-stream");
        response.on("close", () => held.splice(held.indexOf(response), 1));
        request.resume().on("end", () => response.write(PREVIEW, () => held.push(response)));
      });
      await use({ origin: `http://127.0.0.1:${await listen(server)}`, held });
      server.closeAllConnections();
      server.close();
    },
    { scope: "worker" },
  ],
  // In front of both. What comes by HTTP/1.0, as nginx long asked by itself, it holds back below `/buffered` until it fills a buffer;
  // chunks it passes on. Below `/held` a request reaches the simulator before it is whole, as it leaves the page.
  proxied: [
    async ({ running, holding, certificate: { cert, key } }, use) => {
      const { port, close } = await startNginx(
        (port) => `server {
          listen 127.0.0.1:${port} ssl http2;
          ssl_certificate ${cert}; ssl_certificate_key ${key};
          proxy_http_version 1.1;
          location / { proxy_pass ${running.url}; proxy_buffering off; }
          location /holding/ { proxy_pass ${holding.origin}/; proxy_buffering off; }
          location /buffered/ { proxy_pass ${running.url}/; proxy_http_version 1.0; proxy_buffering on; }
          location /buffered/holding/ { proxy_pass ${holding.origin}/; proxy_http_version 1.0; proxy_buffering on; }
          location /held/ { proxy_pass ${running.url}/; proxy_buffering off; proxy_request_buffering off; }
        }`,
      );
      await use(`https://127.0.0.1:${port}`);
      await close();
    },
    { scope: "worker" },
  ],
});
