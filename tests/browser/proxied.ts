// A page that takes any certificate, and an nginx in front of the simulator that speaks HTTP/2.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNginx } from "../nginx.js";
import { test as base } from "./fixtures.js";

/** Whether the program is there. */
export const openssl = spawnSync("openssl", ["version"]).status === 0;
/** Why a test is skipped without. */
export const WITHOUT_OPENSSL = "openssl is not there, which makes the certificate";

/** A certificate that nobody has signed but itself: the files of it and of its key. */
interface Certificate {
  cert: string;
  key: string;
}

export const test = base.extend<object, { certificate: Certificate; proxied: string }>({
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
  // In front of the simulator: below `/buffered` as nginx does it by itself, else as it should be done; below `/held` a request
  // reaches the simulator before it is whole, as it leaves the page.
  proxied: [
    async ({ running, certificate: { cert, key } }, use) => {
      const { port, close } = await startNginx(
        (port) => `server {
          listen 127.0.0.1:${port} ssl http2;
          ssl_certificate ${cert}; ssl_certificate_key ${key};
          proxy_http_version 1.1;
          location / { proxy_pass ${running.url}; proxy_buffering off; }
          location /buffered/ { proxy_pass ${running.url}/; }
          location /held/ { proxy_pass ${running.url}/; proxy_buffering off; proxy_request_buffering off; }
        }`,
      );
      await use(`https://127.0.0.1:${port}`);
      await close();
    },
    { scope: "worker" },
  ],
});
