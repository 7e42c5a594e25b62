// Passes what a page asks on to Azure and adds the key, so that the key never reaches a browser:
//   AZURE_ENDPOINT=https://my-resource.openai.azure.com AZURE_KEY=… node node.mjs
// or, for a Foundry project, AZURE_ENDPOINT=https://my-resource.services.ai.azure.com/api/projects/my-project
// A token of Microsoft Entra, AZURE_TOKEN, does as well for as long as it lives.
import { createServer } from "node:http";
import { pipeline } from "node:stream";
import { pathToFileURL } from "node:url";

// A setting from a file often ends with a line break.
const setting = (name) => process.env[name]?.trim() ?? "";
const check = (isValid, message) => {
  if (!isValid) throw new Error(message);
};
const [ENDPOINT, KEY, TOKEN] = ["AZURE_ENDPOINT", "AZURE_KEY", "AZURE_TOKEN"].map(setting);
check(ENDPOINT && (KEY || TOKEN), "Set AZURE_ENDPOINT, and AZURE_KEY or AZURE_TOKEN.");
check(/^[\x21-\x7e]+$/.test(KEY || TOKEN), `${KEY ? "AZURE_KEY" : "AZURE_TOKEN"} contains characters that no header can carry. Copy it again.`);
const CREDENTIAL = KEY ? { "api-key": KEY } : { authorization: `Bearer ${TOKEN}` };
const { protocol, hostname, origin: AZURE, username, password, pathname, search, hash } = URL.canParse(ENDPOINT) ? new URL(ENDPOINT) : {};
const isLocal = protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
check(
  isLocal || protocol === "https:",
  "AZURE_ENDPOINT must begin with https://, such as https://my-resource.openai.azure.com. Only localhost may have http://.",
);
check(
  !(username || password || search || hash),
  "AZURE_ENDPOINT must have no user name, password, query or fragment. The key belongs into AZURE_KEY.",
);
check(
  /^(\/api\/projects\/[\w.-]+)?\/*$/.test(pathname),
  "AZURE_ENDPOINT must have no path, except /api/projects/my-project. The page adds the others.",
);
const PROJECT = pathname.replace(/\/+$/, "");
// Not fetch: it gives up after 300 s without an answer, and a picture was seen to take 394 s.
const { request: ask } = await import(`node:${protocol.slice(0, -1)}`);
const ID = "\\w[\\w.-]*";
const API = `(/openai/v1${PROJECT && `|${PROJECT.replaceAll(".", "\\.")}/openai(/v1)?`})`;
// No more than a page needs, since the key opens the whole resource. Who knows an id may use it: nobody guesses one, and no list passes.
const PASSED = [
  `POST /openai/(v1|deployments/${ID})/images/(generations|edits)`,
  "POST /mai/v1/images/(generations|edits)",
  `POST /providers/blackforestlabs/v1/${ID}`,
  "GET /openai/(v1/)?models",
  `POST ${API}/(responses(/${ID}/cancel)?|conversations|files)`,
  `GET ${API}/(responses|conversations|files)/${ID}`,
  `GET ${API}/containers/${ID}/files/${ID}/content`,
  `DELETE ${API}/(responses|conversations)/${ID}`,
  // For administrators only, since these belong to all users (answers may cite the id of a shared file). Open them behind a sign-in:
  // `GET ${API}/files(/${ID}/content)?`, `DELETE ${API}/files/${ID}`,
  // `(GET|POST|DELETE) ${PROJECT}/agents(/${ID}(/versions(/${ID})?)?)?`,
];
const RULE = new RegExp(`^(${PASSED.join("|")})(\\?[\\w.~=&%+-]*)?$`);
const UP = ["content-type", "content-length", "x-ms-oai-image-generation-deployment"];
// Chromium silently repeats a POST that is answered 408 or 421: it would be paid twice.
const REPEATED = { 408: 504, 421: 502 };
const DOWN = ["content-type", "retry-after", "retry-after-ms", "apim-request-id", "x-request-id"];
const pick = (headers, names) => Object.fromEntries(names.flatMap((name) => (headers[name] ? [[name, headers[name]]] : [])));

export function handle(request, response) {
  const refuse = (status, message) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error: { code: "proxy", message } }));
  // Chromium silently repeats a POST whose kept-alive connection breaks before the headers: it would be paid twice.
  response.setHeader("connection", "close");
  if (request.headers["sec-fetch-site"] !== "same-origin") return refuse(403, "Only pages of this site may ask, over HTTPS or on localhost.");
  const path = /^\/api\/azure(\/.*)$/.exec(request.url)?.[1];
  if (!RULE.test(`${request.method} ${path}`)) return refuse(404, "The proxy does not pass this on.");
  // HERE belongs your app's own sign-in check: without one, every visitor spends your money.
  const hasBody = request.method === "POST";
  const headers = { ...pick(request.headers, hasBody ? UP : []), ...CREDENTIAL };
  const upstream = ask(AZURE + path, { method: request.method, headers, agent: false });
  const refuseStatus = (answer) => {
    upstream.destroy();
    refuse(502, `Azure answered with the status ${answer.statusCode}, which no page can read.`);
  };
  upstream.on("upgrade", refuseStatus);
  upstream.on("response", (answer) => {
    const { statusCode } = answer;
    if (statusCode < 200 || statusCode > 599) return refuseStatus(answer);
    response.writeHead(REPEATED[statusCode] ?? statusCode, pick(answer.headers, DOWN)).flushHeaders();
    pipeline(answer, response, () => {}); // what breaks off there breaks off here
  });
  upstream.on("error", ({ code }) => response.headersSent || refuse(502, `Azure cannot be reached (${code}).`));
  response.on("close", () => upstream.destroy()); // nobody pays for what nobody sees
  if (hasBody) request.pipe(upstream);
  else upstream.end();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const port = Number(setting("PORT") || 3000);
  check(Number.isInteger(port) && port > 0 && port < 65_536, "PORT must be a number from 1 to 65535.");
  // Large uploads may take longer than the 300 s that Node allows.
  createServer({ requestTimeout: 0 }, handle).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/api/azure`));
}
