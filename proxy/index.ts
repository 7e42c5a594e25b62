/**
 * The server side: a proxy that keeps the credential on the server. It runs in Node, Cloudflare Workers, Deno and Bun.
 *
 * @module azure-image-client/proxy
 */

export type { ProxyAllow } from "./allow.js";
export { createProxy, type ProxyHandler } from "./create-proxy.js";
export type { ProxyAccessToken, ProxyCredential, ProxyKey, ProxyToken, ProxyTokenCredential, ProxyTokenFunction } from "./credential.js";
export { createMemoryStore, type ProxyLimit, type ProxyLimits, type ProxyLimitStore } from "./limits.js";
export type { ProxyLog, ProxyRecord } from "./log.js";
export { type NodeHandler, type NodeRequest, type NodeResponse, toNodeHandler } from "./node-handler.js";
export type { NodeReadable } from "./node-readable.js";
export type { ProxyAuthorize, ProxyOptions } from "./options.js";
export type { ProxyErrorCode } from "./refusal.js";
export type { RouteGroup } from "./routes.js";
