import { Exchange } from "./exchange.js";
import { type ProxyOptions, resolveOptions } from "./options.js";

/**
 * Handles a request of a page. It never rejects: every failure is a response with an error in Azure's form. `context` reaches `authorize`.
 */
export type ProxyHandler<Context = unknown> = (request: Request, context?: Context) => Promise<Response>;

/**
 * Creates a proxy that adds the credential to the requests of a page, so that the credential never reaches a browser. The page uses
 * `new AzureImageClient("/api/azure", null)`.
 *
 * The handler takes a standard `Request` and returns a standard `Response`, as Next.js, SvelteKit, Hono, Cloudflare Workers, Deno and Bun
 * want it. For `node:http`, Express and Connect, wrap it with {@link toNodeHandler}. Both directions stream.
 *
 * @throws TypeError if an option is wrong.
 */
export function createProxy<Context = unknown>(options: ProxyOptions<Context>): ProxyHandler<Context> {
  const setup = resolveOptions(options);
  return (request, context) => new Exchange(setup, request, context as Context).respond();
}
