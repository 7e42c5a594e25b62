// The handler without a server, in front of a service that accepts everything.

import { createProxy, type ProxyOptions, type ProxyRecord } from "azure-image-client/proxy";
import { KEY, SAME_ORIGIN } from "./fixtures.js";

type Fetch = (request: Request) => Response | Promise<Response>;

export interface DirectProxy {
  records: ProxyRecord[];
  /** The bodies that reached the service. */
  bodies: string[];
  /** Sends JSON, or a body with another type. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** Creates a proxy. `answer` is the service. */
export function direct(options: Partial<ProxyOptions>, answer: Fetch = () => Response.json({})): DirectProxy {
  const records: ProxyRecord[] = [];
  const bodies: string[] = [];
  const proxy = createProxy({
    endpoint: "https://my-resource.openai.azure.com",
    credential: { key: KEY },
    authorize: (request) => request.headers.get("x-user") ?? "ada",
    log: (record) => records.push(record),
    fetch: async (url, init) => {
      const request = new Request(url, init);
      bodies.push(await request.clone().text());
      return answer(request);
    },
    ...options,
  });
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> => {
    const isJson = typeof body === "object" && !(body instanceof ReadableStream);
    const init = {
      method: "POST",
      headers: { ...SAME_ORIGIN, ...(isJson ? { "content-type": "application/json" } : {}), ...headers },
      body: isJson ? JSON.stringify(body) : (body as BodyInit),
      duplex: "half",
    };
    const response = await proxy(new Request(`https://app.example/api/azure${path}`, init));
    // A record ends with the body.
    return new Response(await response.arrayBuffer(), response);
  };
  return { records, bodies, post };
}
