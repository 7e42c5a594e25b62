// Raw requests that no page sends, and that must not reach Azure whole.

/** The values that the proxy allows. An attack tries to send another one. */
export const ALLOWED = { deployments: ["gpt-image-2"], sizes: ["1024x1024"], qualities: ["low"], n: 1, tools: ["image_generation"] };

const GOOD = { model: "gpt-image-2", size: "1024x1024", quality: "low", prompt: "a lake" };
const IMAGES = "/api/azure/openai/v1/images/generations";
const EDITS = "/api/azure/openai/v1/images/edits";
const RESPONSES = "/api/azure/openai/v1/responses";

interface Parts {
  method?: string;
  path?: string;
  version?: string;
  /** Lines of the header. */
  headers?: string[];
  body?: string;
  /** Replaces the line with the length. */
  length?: string;
}

/** Writes a request. */
function request({ method = "GET", path = "/api/azure/openai/v1/models", version = "HTTP/1.1", headers = [], body = "", length }: Parts): string {
  const size = length ?? (body === "" ? "" : `content-length: ${Buffer.byteLength(body, "latin1")}`);
  const lines = [`${method} ${path} ${version}`, "host: proxy.example", "sec-fetch-site: same-origin", "connection: close", size, ...headers];
  return `${lines.filter((line) => line !== "").join("\r\n")}\r\n\r\n${body}`;
}

const get = (path: string): string => request({ path: `/api/azure${path}` });
const json = (body: string, more: Parts = {}): string =>
  request({ method: "POST", path: IMAGES, body, headers: ["content-type: application/json"], ...more });
const withJson = (changes: string, more: Parts = {}): string => json(`{"model":"gpt-image-2","size":"1024x1024","quality":"low"${changes}}`, more);
const response = (body: string): string => json(body, { path: RESPONSES });

const field = (name: string, value: string): string => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const GOOD_FIELDS = Object.entries(GOOD)
  .map(([name, value]) => field(name, value))
  .join("");
const FILE = '--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nbytes\r\n';
const form = (body: string, type = "multipart/form-data; boundary=b"): string =>
  request({ method: "POST", path: EDITS, body, headers: [`content-type: ${type}`] });
/** A form whose fields are allowed, with one more part. */
const withPart = (part: string): string => form(`${GOOD_FIELDS}${FILE}${part}--b--\r\n`);

/** Requests that do reach Azure, so that the others are not refused for something else. */
export const CONTROLS: Record<string, string> = {
  "a list of models": request({}),
  "a generation": json(JSON.stringify(GOOD)),
  "an edit": withPart(""),
  "a response": response('{"model":"gpt-image-2","input":"hello"}'),
  chunks: json('2\r\n{"\r\n1b\r\nmodel":"gpt-image-2","size"\r\n1e\r\n:"1024x1024","quality":"low"} \r\n0\r\n\r\n', {
    length: "transfer-encoding: chunked",
  }),
};

export const ATTACKS: Record<string, string> = {
  // The path.
  "no route": get("/"),
  "the root": request({ path: "/" }),
  "a list of files": get("/openai/v1/files"),
  "a list of files, through a dot segment": get("/openai/v1/responses/resp_1/../../files"),
  "a list of files, through an encoded dot segment": get("/openai/v1/responses/%2e%2e/files"),
  "a list of files, through a half-encoded dot segment": get("/openai/v1/files/.%2E/files"),
  "a list of files, through a double encoding": get("/openai/v1/responses/%252e%252e/files"),
  "a list of files, through a backslash": get("/openai/v1/responses\\..\\files"),
  "a list of files, through an encoded backslash": get("/openai/v1/responses/..%5cfiles"),
  "a list of files, through two slashes": get("/openai/v1//files"),
  "a list of files, with a slash at the end": get("/openai/v1/files/"),
  "a list of files, behind a semicolon": get("/openai/v1/files;a=1"),
  "a list of files, with an encoded question mark": get("/openai/v1/files%3Flimit=1"),
  "a list of files, with a fragment": get("/openai/v1/files#/models"),
  "a list of files, in capitals": get("/OpenAI/v1/Files"),
  "an encoded slash": get("/openai/v1/responses/resp_1%2Fcancel"),
  "an encoded null byte": get("/openai/v1/responses/resp_1%00"),
  "an encoded line break": get("/openai/v1/responses/resp_1%0d%0ax"),
  "an overlong encoding of a slash": get("/openai/v1/responses/resp_1%c0%af"),
  "a letter outside ASCII": get("/openai/v1/responses/resp_\xe4"),
  "the content of a file": get("/openai/v1/files/file-1/content"),
  "another service": get("/openai/v1/vector_stores"),
  "chat completions": json('{"model":"gpt-image-2"}', { path: "/api/azure/openai/v1/chat/completions" }),
  agents: get("/api/projects/p/agents"),
  "another project": json("{}", { path: "/api/azure/api/projects/other/openai/v1/responses" }),
  "another host in the path": get("@attacker.example/openai/v1/models"),
  "another host as the target": request({ path: "http://attacker.example/openai/v1/files" }),
  "two slashes at the start": request({ path: "//attacker.example/api/azure/openai/v1/files" }),
  "a path with a space": get("/openai/v1/files /openai/v1/models"),
  "a long path": get(`/openai/v1/responses/${"a".repeat(4000)}`),
  "a wildcard": request({ method: "OPTIONS", path: "*" }),
  // The query.
  "an unknown parameter": get("/openai/v1/models?deployment=other"),
  "a parameter that occurs twice": get("/openai/v1/models?api-version=preview&api-version=v1"),
  "an encoded value": get("/openai/v1/models?api-version=%70review"),
  "an encoded name": get("/openai/v1/models?%61pi-version=preview"),
  "a line break in a value": get("/openai/v1/models?api-version=a%0d%0ab"),
  // The method.
  "DELETE of a file": request({ method: "DELETE", path: "/api/azure/openai/v1/files/file-1" }),
  PUT: json(JSON.stringify(GOOD), { method: "PUT" }),
  PATCH: json(JSON.stringify(GOOD), { method: "PATCH" }),
  HEAD: request({ method: "HEAD" }),
  TRACE: request({ method: "TRACE" }),
  CONNECT: request({ method: "CONNECT", path: "attacker.example:443" }),
  "a method in small letters": json(JSON.stringify(GOOD), { method: "post" }),
  "another method by a header": request({ method: "POST", path: "/api/azure/openai/v1/files/file-1", headers: ["x-http-method-override: DELETE"] }),
  // The page.
  "another site": request({}).replace("same-origin", "cross-site"),
  "a subdomain": request({}).replace("same-origin", "same-site"),
  "an address that a person typed": request({}).replace("same-origin", "none"),
  "no site": request({}).replace("sec-fetch-site: same-origin\r\n", ""),
  "two sites": request({ headers: ["sec-fetch-site: cross-site"] }),
  "only the origin of another page": request({ headers: ["origin: https://attacker.example"] }).replace("sec-fetch-site: same-origin\r\n", ""),
  "the own name over HTTP, which another site can give to this address": request({ headers: ["origin: http://proxy.example"] }).replace(
    "sec-fetch-site: same-origin\r\n",
    "",
  ),
  "the origin of no page": request({ headers: ["origin: null"] }).replace("sec-fetch-site: same-origin\r\n", ""),
  "a preflight": request({ method: "OPTIONS", headers: ["origin: https://attacker.example", "access-control-request-method: POST"] }),
  // Framing.
  "two lengths": json(JSON.stringify(GOOD), { headers: ["content-type: application/json", "content-length: 5"] }),
  "a length and chunks": json(`0\r\n\r\n${request({ path: "/api/azure/openai/v1/files" })}`, {
    headers: ["content-type: application/json", "transfer-encoding: chunked"],
  }),
  "a length that is no number": json(JSON.stringify(GOOD), { length: "content-length: 0x10" }),
  "a negative length": json(JSON.stringify(GOOD), { length: "content-length: -1" }),
  "a length with a sign": json(JSON.stringify(GOOD), { length: "content-length: +70" }),
  "an unknown encoding of the transfer": json(JSON.stringify(GOOD), { length: "transfer-encoding: xchunked" }),
  "chunks twice": json("0\r\n\r\n", { length: "transfer-encoding: chunked, chunked" }),
  "a chunk whose length is no number": json("zz\r\n{}\r\n0\r\n\r\n", { length: "transfer-encoding: chunked" }),
  "a body of a GET": request({ body: "{}" }),
  "a space before the colon": json(JSON.stringify(GOOD), { headers: ["content-type : application/json"] }),
  "a folded header": json(JSON.stringify(GOOD), { headers: ["content-type: application/json", "\ttext/plain"] }),
  "a null byte in a header": json(JSON.stringify(GOOD), { headers: ["content-type: application/json\0"] }),
  "a header without a colon": json(JSON.stringify(GOOD), { headers: ["content-type: application/json", "header"] }),
  "a host with a user": request({}).replace("host: proxy.example", "host: a@b"),
  "a host with a path": request({}).replace("host: proxy.example", "host: proxy.example/x"),
  "no HTTP": "hello\r\n\r\n",
  "HTTP/2 without an agreement": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "a header of megabytes": request({ headers: [`x: ${"a".repeat(2_000_000)}`] }),
  // The type of the body.
  "a compressed body": withJson("", { headers: ["content-type: application/json", "content-encoding: gzip"] }),
  text: withJson("", { headers: ["content-type: text/plain"] }),
  "no type": withJson("", { headers: [] }),
  "a form in place of JSON": withJson("", { headers: ["content-type: application/x-www-form-urlencoded"] }),
  "another charset": withJson("", { headers: ["content-type: application/json; charset=utf-16"] }),
  "two types": withJson("", { headers: ["content-type: application/json", "content-type: multipart/form-data; boundary=b"] }),
  "JSON in place of a form": json(JSON.stringify(GOOD), { path: EDITS }),
  // JSON.
  "a value that occurs twice": withJson(',"model":"gpt-image-1"'),
  "a name that is escaped and occurs twice": withJson(',"mod\\u0065l":"gpt-image-1"'),
  "a name in capitals": withJson(',"Model":"gpt-image-1"'),
  "a name with a long s": withJson(',"\xc5\xbfize":"4096x4096"'),
  "a name with a Kelvin sign": response('{"model":"gpt-image-2","tool\xe2\x84\xaa":[]}'),
  "a name with a space": withJson(',"n ":10'),
  __proto__: withJson(',"__proto__":{"n":10}'),
  "more images": withJson(',"n":10'),
  "more images as a string": withJson(',"n":"10"'),
  "more images as a list": withJson(',"n":[10]'),
  "more images as a fraction": withJson(',"n":1.5'),
  "another model": withJson("").replace("gpt-image-2", "gpt-image-1.5"),
  "no model": json('{"size":"1024x1024","quality":"low"}'),
  "a model as a list": json('{"model":["gpt-image-2"],"size":"1024x1024","quality":"low"}'),
  "no size": json('{"model":"gpt-image-2","quality":"low"}'),
  "two sizes": withJson(',"width":4096,"height":4096'),
  "one edge": withJson(',"width":4096'),
  "another deployment in the path": json(JSON.stringify(GOOD), {
    path: "/api/azure/openai/deployments/other/images/generations?api-version=2025-04-01-preview",
  }),
  "a list": json("[]"),
  "a comment": withJson("/**/"),
  NaN: withJson(',"n":NaN'),
  "a byte order mark": json(`\xef\xbb\xbf${JSON.stringify(GOOD)}`),
  "bytes that are no UTF-8": withJson(',"prompt":"\xff"'),
  "JSON that is nested too deep": withJson(`,"a":${"[".repeat(100)}${"]".repeat(100)}`),
  "JSON that never ends its levels": withJson(`,"a":${"[".repeat(100_000)}`),
  "an agent with a second name": response('{"agent_reference":{"name":"painter","Name":"other"},"input":"x"}'),
  "JSON of too many values": withJson(`,"a":[${"1,".repeat(100_001)}1]`),
  "JSON that is too large": withJson(`,"prompt":"${"a".repeat(1_100_000)}"`),
  "JSON that is too large, in chunks": json(`${`20000\r\n${" ".repeat(0x20000)}\r\n`.repeat(10)}0\r\n\r\n`, {
    length: "transfer-encoding: chunked",
  }),
  // Responses.
  "another tool": response('{"model":"gpt-image-2","tools":[{"type":"mcp","server_url":"https://attacker.example"}]}'),
  "another tool, whose type occurs twice": response('{"model":"gpt-image-2","tools":[{"type":"image_generation","type":"mcp"}]}'),
  "another tool, whose type is in capitals": response('{"model":"gpt-image-2","tools":[{"type":"image_generation","Type":"mcp"}]}'),
  "tools as an object": response('{"model":"gpt-image-2","tools":{"type":"mcp"}}'),
  "tools in capitals": response('{"model":"gpt-image-2","TOOLS":[{"type":"mcp"}]}'),
  "a tool without a type": response('{"model":"gpt-image-2","tools":[{}]}'),
  "a tool with a higher quality": response('{"model":"gpt-image-2","tools":[{"type":"image_generation","size":"1024x1024","quality":"high"}]}'),
  "another text model": response('{"model":"gpt-5.5","input":"hello"}'),
  "two agents": response('{"agent":{"name":"a"},"agent_reference":{"name":"b"}}'),
  "another image deployment": json('{"model":"gpt-image-2"}', {
    path: RESPONSES,
    headers: ["content-type: application/json", "x-ms-oai-image-generation-deployment: other"],
  }),
  "two image deployments": json('{"model":"gpt-image-2"}', {
    path: RESPONSES,
    headers: ["content-type: application/json", "x-ms-oai-image-generation-deployment: gpt-image-2", "x-ms-oai-image-generation-deployment: other"],
  }),
  // Forms.
  "a field that occurs twice": withPart(field("model", "gpt-image-1.5")),
  "a field in capitals": withPart(field("Model", "gpt-image-1.5")),
  "a field with brackets": withPart(field("n[]", "10")),
  "a field with a space": withPart(field("n ", "10")),
  "more images in a form": withPart(field("n", "10")),
  "more images in a form, after the file, as a fraction": withPart(field("n", "1e1")),
  "a field as a file": withPart('--b\r\nContent-Disposition: form-data; name="n"; filename="n"\r\n\r\n10\r\n'),
  "a field with a type": withPart('--b\r\nContent-Disposition: form-data; name="n"\r\nContent-Type: text/plain; charset=utf-16\r\n\r\n10\r\n'),
  "a field with an encoding": withPart('--b\r\nContent-Disposition: form-data; name="n"\r\nContent-Transfer-Encoding: base64\r\n\r\nMTA=\r\n'),
  "a field with two names": withPart('--b\r\nContent-Disposition: form-data; name="user"; name="n"\r\n\r\n10\r\n'),
  "a field with an encoded name": withPart("--b\r\nContent-Disposition: form-data; name*=utf-8''n\r\n\r\n10\r\n"),
  "a field with an unquoted name": withPart("--b\r\nContent-Disposition: form-data; name=n\r\n\r\n10\r\n"),
  "a field with an escaped quote": withPart('--b\r\nContent-Disposition: form-data; name="user\\"; name=\\"n"\r\n\r\n10\r\n'),
  "a field with a folded header": withPart('--b\r\nContent-Disposition: form-data;\r\n name="n"\r\n\r\n10\r\n'),
  "a field without a name": withPart("--b\r\nContent-Disposition: form-data\r\n\r\n10\r\n"),
  "a part without headers": withPart("--b\r\n\r\n10\r\n"),
  "a part that is a form": withPart('--b\r\nContent-Disposition: form-data; name="x"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n'),
  "bare line feeds": form(`${GOOD_FIELDS}${FILE}--b\nContent-Disposition: form-data; name="n"\n\n10\r\n--b--\r\n`),
  "a space after the boundary": form(`${GOOD_FIELDS}${FILE}--b \r\nContent-Disposition: form-data; name="n"\r\n\r\n10\r\n--b--\r\n`),
  "text before the form": form(`text\r\n${GOOD_FIELDS}${FILE}--b--\r\n`),
  "a line break before the form": form(`\r\n${GOOD_FIELDS}${FILE}--b--\r\n`),
  "a part after the form": form(`${GOOD_FIELDS}${FILE}--b--\r\n${field("n", "10")}--b--\r\n`),
  "a form without an end": form(`${GOOD_FIELDS}${FILE}`),
  "an empty form": form(""),
  "a form without fields": form("--b--\r\n"),
  "a quoted boundary": form(`${GOOD_FIELDS}--b--\r\n`, 'multipart/form-data; boundary="b"'),
  "two boundaries": form(`${GOOD_FIELDS}--b--\r\n`, "multipart/form-data; boundary=b; boundary=c"),
  "no boundary": form(`${GOOD_FIELDS}--b--\r\n`, "multipart/form-data"),
  "another multipart": form(`${GOOD_FIELDS}--b--\r\n`, "multipart/mixed; boundary=b"),
  "a field that is too long": withPart(field("n", "0".repeat(300))),
  "headers of a part that are too long": withPart(`--b\r\nContent-Disposition: form-data; name="x"; filename="${"a".repeat(5000)}"\r\n\r\n\r\n`),
  "too many parts": withPart(field("x", "").repeat(200)),
  "a field that is no UTF-8": withPart(field("n", "\xff")),
};

/** Requests that end in the middle. */
export const CUT: Record<string, string> = {
  "a chunk that is cut": json('ff\r\n{"model":', { length: "transfer-encoding: chunked" }),
  "a body that is cut": json("{", { length: "content-length: 100" }),
  "headers that are cut": "POST /api/azure/openai/v1/images/generations HTTP/1.1\r\nhost: a\r\n",
  "a form that is cut": form(`${GOOD_FIELDS}${FILE}`).replace(/content-length: \d+/, "content-length: 5000"),
  "a form in chunks that is cut": json(`10\r\n--b\r\nContent-Dis`, {
    path: EDITS,
    length: "transfer-encoding: chunked",
    headers: ["content-type: multipart/form-data; boundary=b"],
  }),
};
