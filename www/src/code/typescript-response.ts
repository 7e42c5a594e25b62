import type { Ask } from "../talk/ask.js";
import paletteSource from "../talk/palette.ts?raw";
import { toolsOf } from "./response-tools.js";
import { clientOf, literal } from "./typescript-literal.js";

/** A turn of a conversation with this library. */
export function responseProgram(fields: FormData, { request, isJob }: Ask): string {
  const uses = toolsOf(request.tools);
  const asked = literal(request);
  const parts = uses.mcp
    ? [
        `let request = ${asked};`,
        `while (request) {\n${indented(`${response("request", isJob, uses.palette)}\n${events(uses)}\n${approvals(uses)}`)}\n}`,
      ]
    : [`${response(asked, isJob, uses.palette)}\n${events(uses)}`];
  return `${clientOf(fields)}
${[...(uses.palette ? [paletteSource.replace("export ", "").trimEnd()] : []), ...parts].join("\n\n")}
`;
}

type Uses = ReturnType<typeof toolsOf>;

function response(request: string, isJob: boolean, hasFunction: boolean): string {
  if (isJob) {
    return `const response = await client.responses.start(${request});
localStorage.setItem("job", response.id); // after a reload, client.responses.resume(id) goes on`;
  }
  if (hasFunction) return `const response = client.responses.runTools(${request}, { get_page_palette: getPagePalette });`;
  return `const response = client.responses.stream(${request});`;
}

function events({ codeInterpreter, webSearch }: Uses): string {
  return `for await (const event of response) {
  // "partialImage" is a preview, "image" is the finished image.
  if (event.type === "textDelta") document.querySelector("p").append(event.delta);
  if (event.type === "partialImage" || event.type === "image") document.querySelector("img").src = event.image.objectUrl;${
    codeInterpreter ? `\n${indented(FILE)}` : ""
  }${webSearch ? `\n${indented(WEB_PAGE)}` : ""}
}`;
}

const FILE = `if (event.type === "citation" && event.citation.fileId) {
  const file = await client.files.content(event.citation);
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: event.citation.fileName });
  link.append(event.citation.fileName);
  document.body.append(link);
}`;

const WEB_PAGE = `if (event.type === "citation" && /^https?:/.test(event.citation.url)) {
  const link = Object.assign(document.createElement("a"), { href: event.citation.url, target: "_blank", rel: "noopener noreferrer" });
  link.append(event.citation.title);
  document.body.append(link);
}`;

/** Writes the code that answers requests for approval. */
function approvals({ palette }: Uses): string {
  const answers = `approvalRequests.map(({ id: requestId, serverLabel, name, arguments: text }) => ({
  mcpApproval: { requestId, approve: confirm(\`Allow \${name} on \${serverLabel} with \${text}?\`) },
}))`;
  // A response that asks for an approval leaves its functions to the page.
  const outputs = `toolCalls.flatMap(({ callId, name }) =>
  name === "get_page_palette" ? [{ functionCallOutput: { callId, output: getPagePalette() } }] : [],
)`;
  return `const { id, approvalRequests${palette ? ", toolCalls" : ""} } = await response.result();
const input = ${palette ? `[\n  ...${indented(answers).trimStart()},\n  ...${indented(outputs).trimStart()},\n]` : answers};
request = approvalRequests.length > 0 && { ...request, input, previousResponseId: id };`;
}

function indented(code: string): string {
  return code.replaceAll(/^(?=.)/gm, "  ");
}
