/** Who may call: an api-key, or a bearer token. */

import { AzureError } from "./azure-error.js";

/** What the simulated resource accepts. */
export interface Credentials {
  readonly apiKey: string;
  /** The token that is accepted, or a function that judges one. */
  readonly bearerToken: string | ((token: string) => boolean);
  /** The audience that the refusal of a token names. */
  readonly audience: string;
}

function wrongToken(audience: string): AzureError {
  return new AzureError({
    status: 401,
    body: {
      statusCode: 401,
      message: `Unauthorized. Access token is missing, invalid, audience is incorrect (${audience}), or have expired.`,
    },
  });
}

/** The key or the token that a request came with. */
export function credentialOf(headers: Readonly<Record<string, string>>): string {
  return headers["api-key"] ?? (headers["authorization"] ?? "").replace(/^Bearer +/i, "");
}

/** Throws the refusal of a request that does not prove who sent it. */
export function authenticate(
  headers: Readonly<Record<string, string>>,
  credentials: Credentials,
  { keyAsBearer }: { readonly keyAsBearer: boolean },
): void {
  const key = headers["api-key"];
  const authorization = headers["authorization"];
  if (key !== undefined && authorization !== undefined) {
    throw AzureError.invalidRequest("invalid_request_error", "Send either the 'api-key' header or the 'Authorization' header, not both.", null);
  }
  if (authorization === undefined) {
    if (key !== credentials.apiKey) throw AzureError.sample("401-invalid-key");
    return;
  }
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  const { bearerToken } = credentials;
  const accepted =
    token !== undefined &&
    ((typeof bearerToken === "string" ? token === bearerToken : bearerToken(token)) || (keyAsBearer && token === credentials.apiKey));
  if (!accepted) throw wrongToken(credentials.audience);
}
