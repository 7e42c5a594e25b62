import { AzureImageClient, type Credential } from "azure-image-client";

/** Where `npm start` says that calls go: its simulator or, with `--azure`, a path of the page's own server, which adds the credential. */
export const givenEndpoint: string = import.meta.env.VITE_ENDPOINT ?? "http://127.0.0.1:8787";
export const givenCredential: string = import.meta.env.VITE_CREDENTIAL ?? "key";

/** A client for what "Connection" says. Nothing is loaded or sent before its first call. */
export function connect(fields: FormData): AzureImageClient {
  const model = text(fields, "model");
  return new AzureImageClient(text(fields, "endpoint"), credential(fields), {
    deployment: text(fields, "deployment"),
    // Not set, the name of the deployment tells, if it can.
    ...(model && { model }),
    dangerouslyAllowApiKeyInBrowser: fields.has("keyIsMine"),
  });
}

function credential(fields: FormData): Credential {
  switch (text(fields, "credential")) {
    case "key":
      return { key: text(fields, "key") };
    case "token":
      // A page with a sign-in would pass its TokenCredential from @azure/identity instead.
      return () => text(fields, "token");
    default:
      return null;
  }
}

/** "Connection" in one line, without its secrets. */
export function describeConnection(fields: FormData): string {
  const endpoint = text(fields, "endpoint");
  const isSimulator = endpoint === givenEndpoint && givenCredential === "key";
  return isSimulator ? `Simulator at ${endpoint}` : `${text(fields, "deployment")} at ${endpoint}`;
}

/** What a field of the form says. */
export function text(fields: FormData, name: string): string {
  return String(fields.get(name) ?? "").trim();
}
