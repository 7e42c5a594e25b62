import { createProxy } from "azure-image-client/proxy";
// The sign-in of your app: returns the ID of the user who sent a request, or null.
import { userOf } from "./session.js";

export const proxy = createProxy({
  endpoint: process.env.AZURE_ENDPOINT,
  credential: { key: process.env.AZURE_KEY },
  authorize: userOf,
  limits: { perUser: { windowInMs: 86_400_000, dollars: 5 } },
});
