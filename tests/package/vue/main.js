import { createApp, effectScope, shallowRef, version, watch } from "vue";
import { AzureImageClient, init } from "azure-image-client";
import { useImageGeneration } from "azure-image-client/vue";
import App from "./App.vue";

const endpoint = new URLSearchParams(location.search).get("endpoint");
const newClient = (deployment = "gpt-image-1") => new AzureImageClient(endpoint, { key: "simulator-key" }, { deployment });

// For tests without a component.
globalThis.vue = { effectScope, shallowRef, watch, newClient, useImageGeneration };

const main = document.body.appendChild(document.createElement("main"));
main.title = version;
// A call could be sent at once.
await init();
createApp(App, { newClient }).mount(main);
