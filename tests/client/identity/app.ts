// What a page bundles to sign its users in. Each credential is made as its README says; nothing is replaced but the network.

export { ClientSecretCredential, InteractiveBrowserCredential } from "@azure/identity";
export { createStandardPublicClientApplication } from "@azure/msal-browser";
