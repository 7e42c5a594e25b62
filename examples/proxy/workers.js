import { createProxy } from "azure-image-client/proxy";
import { userOf } from "./session.js";

let proxy;

export default {
  fetch(request, { AZURE_ENDPOINT: endpoint, AZURE_KEY: key }) {
    proxy ??= createProxy({ endpoint, credential: { key }, authorize: userOf });
    return proxy(request);
  },
};
