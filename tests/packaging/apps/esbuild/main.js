import "./wasm.js";
import "./page.js";
