import { AzureImageClient, type Credential } from "azure-image-client";
import { answer } from "../built-in/answer.js";
import { BUILT_IN } from "../built-in/endpoint.js";
import { signedIn } from "./entra.js";
import { type Profile, readProfile } from "./profiles.js";

/** A client for what "Connection" says. Nothing is loaded or sent before its first call. */
export function connect(fields: FormData): AzureImageClient {
  const profile = readProfile(fields);
  const { endpoint, deployment, model, keyIsMine } = profile;
  return new AzureImageClient(endpoint, credentialOf(profile), {
    deployment,
    // Not set, the name of the deployment tells, if it can.
    ...(model && { model }),
    dangerouslyAllowApiKeyInBrowser: keyIsMine,
    ...(endpoint === BUILT_IN && { fetch: answer }),
  });
}

function credentialOf({ credential, key, token }: Profile): Credential {
  switch (credential) {
    case "key":
      return { key };
    case "token":
      return () => token;
    case "entra":
      return signedIn.value ?? notSignedIn;
    default:
      return null;
  }
}

function notSignedIn(): never {
  throw new Error('Nobody is signed in. Press "Sign in" under Connection.');
}
