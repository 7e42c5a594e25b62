// The part of the Azure Functions host that runs a function with HTTP streaming: it forwards each request to the worker's own HTTP server,
// and invokes the function with the programming model of the package. The host itself is in no package registry.

import { randomUUID } from "node:crypto";
import { createServer, request } from "node:http";
import { registerHooks } from "node:module";

let model;
const functions = [];
globalThis.functionsCore = {
  version: "4.1000.0",
  log() {},
  setProgrammingModel: (own) => {
    model = own;
  },
  registerFunction: (metadata, callback) => functions.push({ metadata, callback }),
  registerHook: () => ({ dispose() {} }),
};
const core = `data:text/javascript,${encodeURIComponent("module.exports = globalThis.functionsCore;")}`;
registerHooks({
  resolve: (name, context, next) => (name === "@azure/functions-core" ? { url: core, format: "commonjs", shortCircuit: true } : next(name, context)),
  load: (url, context, next) =>
    url === core ? { format: "commonjs", source: "module.exports = globalThis.functionsCore;", shortCircuit: true } : next(url, context),
});
await import("./azure-functions.js");
const { HttpUri } = await model.getCapabilities({});
const [{ metadata, callback }] = functions;
const trigger = Object.values(metadata.bindings).find(({ type }) => type === "httpTrigger");
const root = `/api/${trigger.route.replace("{*path}", "")}`;

async function invoke(invocationId, headers) {
  const invocation = model.getInvocationModel({
    invocationId,
    metadata,
    state: undefined,
    log() {},
    request: {
      inputData: [{ name: trigger.name, data: { http: {} } }],
      triggerMetadata: { Headers: { json: JSON.stringify(headers) } },
    },
  });
  const { context, inputs } = await invocation.getArguments();
  await invocation.getResponse(context, await invocation.invokeFunction(context, inputs, callback));
}

createServer((incoming, response) => {
  const isRoute = incoming.url.startsWith(root) && trigger.methods.some((method) => method.toUpperCase() === incoming.method);
  if (!isRoute) return response.writeHead(404).end();
  const invocationId = randomUUID();
  const { host, ...headers } = incoming.headers;
  const forwarded = { ...headers, host, "x-forwarded-host": host, "x-forwarded-proto": "http", "x-ms-invocation-id": invocationId };
  const forward = request(new URL(incoming.url, HttpUri), { method: incoming.method, headers: forwarded }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers).flushHeaders();
    answer.pipe(response);
  });
  forward.on("error", () => response.destroy());
  incoming.pipe(forward);
  invoke(invocationId, { ...headers, host }).catch((error) => console.error(error));
}).listen(process.env.PORT, "127.0.0.1");
