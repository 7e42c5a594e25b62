import { init } from "azure-image-client";
import wasm from "azure-image-client/wasm";

await init(new URL(wasm, import.meta.url));
