// Which pages may call the proxy.

import { DOWN } from "./headers.js";
import { Refusal } from "./refusal.js";

/** Decides about the page that sent a request. */
export interface OriginPolicy {
  /** Refuses a request of a page that may not call the proxy. */
  check(request: Request): void;
  /** Returns the response to a preflight request of a listed origin, or `undefined` if it is none. */
  preflight(request: Request): Response | undefined;
  /** Adds the headers with which a page of a listed origin may read the response. */
  expose(request: Request, headers: Headers): void;
}

const PREFLIGHT_SECONDS = "7200";

/**
 * Creates the policy: pages of the proxy's own origin, and those of the listed origins.
 *
 * @throws TypeError if an entry is not an origin.
 */
export function createOriginPolicy(origins: readonly string[]): OriginPolicy {
  const listed = new Set(origins.map(checkOrigin));
  const isListed = (request: Request): boolean => listed.has(request.headers.get("origin") ?? "");

  return {
    check(request) {
      if (isListed(request) || isSameOrigin(request)) return;
      const others = listed.size > 0 ? " or of a listed origin" : "";
      throw new Refusal(403, "proxy_origin", `Only pages of this site${others} may call the proxy, over HTTPS or on localhost.`);
    },
    preflight(request) {
      if (request.method !== "OPTIONS" || !isListed(request)) return undefined;
      const headers = new Headers({
        "access-control-allow-methods": "GET, POST, DELETE",
        "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "",
        "access-control-max-age": PREFLIGHT_SECONDS,
      });
      this.expose(request, headers);
      return new Response(null, { status: 204, headers });
    },
    expose(request, headers) {
      if (listed.size > 0) headers.append("vary", "origin");
      if (!isListed(request)) return;
      headers.set("access-control-allow-origin", request.headers.get("origin") ?? "");
      headers.set("access-control-allow-credentials", "true");
      headers.set("access-control-expose-headers", DOWN.join(", "));
    },
  };
}

function checkOrigin(origin: string): string {
  if (typeof origin === "string" && URL.canParse(origin) && new URL(origin).origin === origin && origin !== "null") return origin;
  throw new TypeError("allow.origins must contain origins, such as https://app.example.com, without a path.");
}

/**
 * A page cannot set these headers. Browsers send `Sec-Fetch-Site` over HTTPS and to localhost. Older ones send only `Origin`, and that not
 * with every GET.
 */
function isSameOrigin({ headers, url }: Request): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = headers.get("origin") ?? "";
  if (!URL.canParse(origin)) return false;
  const { protocol, host, hostname } = new URL(origin);
  // Over HTTP, another site can give its own name the address of this server, and then has the same origin.
  const isTrustworthy = protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(hostname) || hostname.endsWith(".localhost");
  return isTrustworthy && host === (headers.get("host") ?? new URL(url).host);
}
