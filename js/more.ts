/** The code that generations do not need. `core/chunks.ts` imports it when another call is made. */
export { ResourceCall } from "./foundry/operations.js";
export { estimate, prepareEdit, validate } from "./images/edit.js";
export { explainLoad } from "./load/explain.js";
export { prepareFollow, prepareRetrieval } from "./responses/follow.js";
export { nameless, ResponseReport } from "./responses/report.js";
export { prepareResponse } from "./responses/request.js";
export { ToolRounds } from "./responses/tool-rounds.js";
