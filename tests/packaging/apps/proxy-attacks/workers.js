import { createProxy } from "azure-image-client/proxy";
// Written by the test.
import allow from "./allowed.json";

let proxy;

export default {
  fetch(request, { AZURE_ENDPOINT: endpoint, AZURE_KEY: key }) {
    proxy ??= createProxy({ endpoint, credential: { key }, authorize: "anyone", allow });
    return proxy(request);
  },
};
