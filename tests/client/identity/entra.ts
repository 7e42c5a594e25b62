import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Request } from "@playwright/test";
import { build } from "vite";

const CLIENT = "11111111-1111-4111-8111-111111111111";
const TENANT = "22222222-2222-4222-8222-222222222222";
const USER = "33333333-3333-4333-8333-333333333333";

export const ids = { CLIENT, TENANT };

/** What was asked of the token endpoint: the fields of the form. */
export type TokenRequest = Record<string, string>;

/** A Microsoft Entra that signs everyone in. */
export interface Entra {
  /** What the token endpoint was asked, in order. */
  tokenRequests: TokenRequest[];
  /** What the sign-in page was asked, in order. */
  signIns: TokenRequest[];
  /** Everything else that was asked of it, by method and path. */
  others: string[];
}

/** Answers in the place of login.microsoftonline.com. The n-th token, from 1 on, is what `token` says. */
export async function simulateEntra(context: BrowserContext, token: (n: number) => string): Promise<Entra> {
  const entra: Entra = { tokenRequests: [], signIns: [], others: [] };
  let nonce = "";
  await context.route("https://login.microsoftonline.com/**", async (route) => {
    const request = route.request();
    const url = new URL(request.url());
    if (url.pathname.endsWith("/oauth2/v2.0/authorize")) {
      const asked = { ...Object.fromEntries(url.searchParams), ...formOf(request) };
      entra.signIns.push(asked);
      nonce = asked["nonce"] ?? "";
      const answer = new URLSearchParams({ code: "the-code", state: asked["state"] ?? "", client_info: clientInfo });
      const to = `${asked["redirect_uri"]}#${answer}`;
      return route.fulfill({ contentType: "text/html", body: `<script>location.replace(${JSON.stringify(to)})</script>` });
    }
    if (url.pathname.endsWith("/oauth2/v2.0/token")) {
      const asked = formOf(request);
      const n = entra.tokenRequests.push(asked);
      const isUser = asked["grant_type"] !== "client_credentials";
      return route.fulfill({
        headers: { "access-control-allow-origin": "*" },
        json: {
          ...{ token_type: "Bearer", expires_in: 3599, ext_expires_in: 3599, access_token: token(n) },
          ...(isUser && { scope: asked["scope"], refresh_token: "the-refresh-token", client_info: clientInfo, id_token: idToken(nonce) }),
        },
      });
    }
    entra.others.push(`${request.method()} ${url.pathname}`);
    return route.fulfill({ status: 404, headers: { "access-control-allow-origin": "*" }, json: {} });
  });
  return entra;
}

function formOf(request: Request): TokenRequest {
  return Object.fromEntries(new URLSearchParams(request.postData() ?? ""));
}

const base64Url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

const clientInfo = base64Url({ uid: USER, utid: TENANT });

function idToken(nonce: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...{ aud: CLIENT, iss: `https://login.microsoftonline.com/${TENANT}/v2.0`, iat: now, nbf: now, exp: now + 3600 },
    ...{ name: "A User", preferred_username: "user@example.com", oid: USER, sub: "subject", tid: TENANT, nonce, ver: "2.0" },
  };
  return `${base64Url({ alg: "RS256", typ: "JWT" })}.${base64Url(claims)}.c2lnbmF0dXJl`;
}

/** Bundles a module of this folder for a browser, as an application would. */
export async function bundle(name: string): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), "identity-"));
  const entry = fileURLToPath(new URL(name, import.meta.url));
  await build({
    configFile: false,
    logLevel: "error",
    define: { "process.env.NODE_ENV": '"production"' },
    build: { outDir, minify: false, lib: { entry, formats: ["es"], fileName: () => "bundle.js" } },
  });
  const code = await readFile(join(outDir, "bundle.js"), "utf8");
  await rm(outDir, { recursive: true });
  return code;
}
