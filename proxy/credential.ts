// Signs the requests to Azure, with a key or with a cached token.

import { Refusal } from "./refusal.js";

/** A token with its expiry. */
export interface ProxyAccessToken {
  /** The token. */
  token: string;
  /** When it expires, in milliseconds since 1970. Absent: the token is not cached. */
  expiresOnTimestamp?: number;
  /** When to request a new one although this one has not expired, in milliseconds since 1970. */
  refreshAfterTimestamp?: number;
}

/** A token provider in the form of `@azure/identity`, such as `DefaultAzureCredential` or `ManagedIdentityCredential`. */
export interface ProxyTokenCredential {
  /** Returns a token for the scope, or `null` if none is available. */
  getToken(scopes: string | string[]): Promise<ProxyAccessToken | null>;
}

/** A token. A bare string has no known expiry, so it is requested for every call. */
export type ProxyToken = string | ProxyAccessToken;

/** Returns a Microsoft Entra token for the scope. Parallel requests share one call of the function. */
export type ProxyTokenFunction = (question: {
  /** Scope of the token. */
  scope: string;
  /** True if Azure refused the last token, so that a cached token is not useful. */
  forceRefresh: boolean;
}) => ProxyToken | null | Promise<ProxyToken | null>;

/**
 * Signs the requests to Azure: an API key, a function that returns a token, or a credential of `@azure/identity`. Tokens are cached until
 * two minutes before they expire. A key that ends with a line break is trimmed.
 */
export type ProxyCredential = ProxyKey | ProxyTokenFunction | ProxyTokenCredential;

/** An API key. */
export interface ProxyKey {
  /** The key. */
  key: string;
}

/** The header that signs a request. */
export interface Signature {
  name: "api-key" | "authorization";
  value: string;
  /** Call this when Azure answers 401. Returns true if another signature may work. */
  refuse(): boolean;
}

/** Returns the signature of the next request. */
export type Signer = () => Promise<Signature>;

/** A token is replaced so long before it expires, in milliseconds. */
const EARLY_IN_MS = 2 * 60 * 1000;
/** Printable ASCII without spaces. Other characters would make a header invalid, or end it. */
const SECRET = /^[\x21-\x7e]+$/;

/**
 * Creates the signer of a credential.
 *
 * @throws TypeError if the credential is none, or a key has characters that a header cannot contain.
 */
export function createSigner(credential: unknown, scope: string): Signer {
  if (typeof credential === "function") {
    return createTokenSigner((forceRefresh) => (credential as ProxyTokenFunction)({ scope, forceRefresh }));
  }
  if (typeof credential === "object" && credential !== null) {
    if ("getToken" in credential && typeof credential.getToken === "function") {
      const provider = credential as ProxyTokenCredential;
      return createTokenSigner(() => provider.getToken(scope));
    }
    if ("key" in credential && typeof credential.key === "string") return createKeySigner(credential.key.trim());
  }
  throw new TypeError("credential is missing. Pass { key }, a function that returns a token, or a credential of @azure/identity.");
}

function createKeySigner(key: string): Signer {
  if (key === "") throw new TypeError("credential.key is empty.");
  if (!SECRET.test(key)) {
    throw new TypeError("credential.key contains characters that no header can carry, such as a space or a line break. Copy it again.");
  }
  return async () => ({ name: "api-key", value: key, refuse: () => false });
}

interface CachedToken {
  value: string;
  refreshAt: number;
  expiresAt: number;
}

function createTokenSigner(request: (forceRefresh: boolean) => ProxyToken | null | Promise<ProxyToken | null>): Signer {
  let cached: CachedToken | undefined;
  let refused: string | undefined;
  let pending: Promise<CachedToken> | undefined;

  const refresh = async (): Promise<CachedToken> => {
    const token = readToken(await request(refused !== undefined));
    // Some providers return the refused token again. Then the next request asks once more.
    cached = token.value === refused ? undefined : token;
    return token;
  };

  const current = async (): Promise<CachedToken> => {
    if (cached && Date.now() < cached.refreshAt) return cached;
    pending ??= refresh().finally(() => {
      pending = undefined;
    });
    try {
      return await pending;
    } catch (cause) {
      if (cached && Date.now() < cached.expiresAt) return cached;
      throw new Refusal(503, "proxy_internal", "The server could not get a token for Azure. The server's log has the cause.", { cause });
    }
  };

  return async () => {
    const { value } = await current();
    const refuse = (): boolean => {
      refused = value;
      if (cached?.value === value) cached = undefined;
      return true;
    };
    return { name: "authorization", value: `Bearer ${value}`, refuse };
  };
}

function readToken(token: ProxyToken | null): CachedToken {
  const {
    token: value,
    expiresOnTimestamp = 0,
    refreshAfterTimestamp = Number.POSITIVE_INFINITY,
  } = typeof token === "string" ? { token } : (token ?? { token: "" });
  const trimmed = typeof value === "string" ? value.trim() : "";
  if (trimmed === "") throw new TypeError("The credential returned no token. Return a string, or an object with token and expiresOnTimestamp.");
  if (!SECRET.test(trimmed)) throw new TypeError("The token contains characters that no header can carry, such as a space or a line break.");
  return { value: trimmed, refreshAt: Math.min(refreshAfterTimestamp, expiresOnTimestamp - EARLY_IN_MS), expiresAt: expiresOnTimestamp };
}
