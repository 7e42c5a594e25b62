import { init } from "azure-image-client";
import wasm from "azure-image-client/azure_image_client.wasm";
import more from "azure-image-client/azure_image_client_more.wasm";

await init(new URL(wasm, import.meta.url), { moreSource: new URL(more, import.meta.url) });
