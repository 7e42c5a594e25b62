// A server without the types of the DOM.
import { createServer } from "node:http";
import { createSecureServer } from "node:http2";
import { createProxy, toNodeHandler, type ProxyLimitStore, type ProxyOptions, type ProxyRecord } from "azure-image-client/proxy";

const store: ProxyLimitStore = { add: async (key, amount, { limit }) => key !== "" && amount <= limit };
const options: ProxyOptions = {
  endpoint: "https://my-resource.openai.azure.com",
  credential: { key: "key" },
  authorize: async (request) => request.headers.get("x-user"),
  basePath: "/api/azure",
  allow: { routes: ["images"], deployments: { painter: "gpt-image-2" }, sizes: ["1024x1024"], n: 2, tools: [] },
  limits: { perUser: [{ windowInMs: 60_000, requests: 5 }], total: { windowInMs: 86_400_000, dollars: 10 }, store },
  log: ({ outcome, status }: ProxyRecord) => console.log(outcome, status),
};
const response: Promise<Response> = createProxy(options)(new Request("https://app.example/api/azure"));
void response;

/** In the form of `@azure/identity`. */
class Credential {
  async getToken(_scopes: string | string[], _options?: { abortSignal?: AbortSignal }) {
    return { token: "token", expiresOnTimestamp: Date.now() };
  }
}
const handle = toNodeHandler(
  createProxy<import("node:http").IncomingMessage & { user?: string }>({
    endpoint: "https://my-resource.openai.azure.com",
    credential: new Credential(),
    authorize: (_request, { user }) => user ?? null,
  }),
);
createServer(handle);
const secure = toNodeHandler(createProxy({ ...options, credential: () => "token" }));
createServer(secure);
createSecureServer((request, response) => void secure(request, response));

// @ts-expect-error authorize is required.
createProxy({ endpoint: "https://my-resource.openai.azure.com", credential: { key: "key" } });
