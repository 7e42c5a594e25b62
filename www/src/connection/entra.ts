import { signal } from "@preact/signals";
import type { TokenCredential } from "azure-image-client";

/** Who has signed in, until the page is left: the tokens stay in memory. */
export const signedIn = signal<(TokenCredential & { readonly user: string }) | undefined>(undefined);

/** What a token for Azure OpenAI is asked for. */
const SCOPES = ["https://cognitiveservices.azure.com/.default"];

/** Where Microsoft Entra sends the window back: a page that has to be among the redirect URIs of the app registration. */
export const redirectUri = new URL("signed-in.html", document.baseURI).href;

/** Loads MSAL, which nobody pays for who does not sign in. */
export const loadMsal = () => import("@azure/msal-browser");

/** Opens the window to sign in. `clientId` is an app registration of the person's, in their tenant. */
export async function signIn(clientId: string, tenantId: string): Promise<void> {
  const { createStandardPublicClientApplication } = await loadMsal();
  const msal = await createStandardPublicClientApplication({
    auth: { clientId, authority: `https://login.microsoftonline.com/${encodeURIComponent(tenantId)}`, redirectUri },
    cache: { cacheLocation: "memoryStorage" },
  });
  const { account } = await msal.loginPopup({ scopes: SCOPES });
  signedIn.value = {
    user: account.username,
    // The library says the scopes: a Foundry project takes others than a resource.
    async getToken(scopes) {
      const { accessToken, expiresOn } = await msal.acquireTokenSilent({ scopes: [scopes].flat(), account });
      return { token: accessToken, expiresOnTimestamp: expiresOn?.getTime() ?? Date.now() };
    },
  };
}
