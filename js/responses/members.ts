import { imageOutputNames, IN_OPTIONS, IN_REQUEST, refuseUnknown, responseOptionNames, streamNames, type Names } from "../core/members.js";
import type { ImageInput } from "../images/input.js";
import type {
  ComputerCallOutput,
  ImageGenToolOptions,
  McpApproval,
  ResponseInputFile,
  ResponseInputImage,
  ResponseInputMessage,
  ResponseInputText,
  ResponseRequest,
  ToolOutput,
} from "./request.js";
import type { RunToolsOptions } from "./tool-run.js";
import type { ResumeOptions } from "./types.js";

export const resumeNames: Names<ResumeOptions> = { ...streamNames, startingAfter: 1 };
export const runNames: Names<RunToolsOptions> = { ...streamNames, maxRounds: 1 };

const responseNames: Names<ResponseRequest> = {
  model: 1,
  agent: 1,
  input: 1,
  instructions: 1,
  tool: 1,
  tools: 1,
  toolChoice: 1,
  parallelToolCalls: 1,
  previousResponseId: 1,
  conversation: 1,
  metadata: 1,
  store: 1,
  imageDeployment: 1,
  extraBody: 1,
};
export const toolNames: Names<ImageGenToolOptions> = {
  ...imageOutputNames,
  inputFidelity: 1,
  inputImageMask: 1,
  partialImages: 1,
  action: 1,
  extra: 1,
};
export const textNames: Names<ResponseInputText> = { text: 1 };
/** Names of all parts of a message. */
export const partNames: Names<ResponseInputText | ResponseInputImage | ResponseInputFile> = { ...textNames, image: 1, fileId: 1, detail: 1 };
export const maskNames: Names<Exclude<ImageGenToolOptions["inputImageMask"], ImageInput | undefined>> = { fileId: 1, imageUrl: 1 };
export const messageNames: Names<ResponseInputMessage> = { role: 1, content: 1 };
export const outputNames: Names<ToolOutput> = { callId: 1, output: 1 };
export const approvalNames: Names<McpApproval["mcpApproval"]> = { requestId: 1, approve: 1, reason: 1 };
export const screenNames: Names<ComputerCallOutput["computerCallOutput"]> = { callId: 1, screenshot: 1, acknowledgedSafetyChecks: 1 };

/** Refuses unknown names in a request of the Responses API and in the options of the call. */
export function refuseUnknownInResponse(request: unknown, options: unknown, streamed: boolean): void {
  refuseUnknown(options, streamed ? streamNames : responseOptionNames, "", [[responseNames, IN_REQUEST]]);
  refuseUnknown(request, responseNames, "", [
    [{ stream: 1 }, "Leave it out, or use responses.stream."],
    [{ background: 1 }, "Leave it out, or use responses.start. For the image, write tool.background."],
    [{ deployment: 1 }, "Write model or imageDeployment."],
    [toolNames, "Write tool.*."],
    [responseOptionNames, IN_OPTIONS],
  ]);
}
