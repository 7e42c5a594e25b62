import type { PlainRequest } from "./plain.js";
import { literal } from "./python-literal.js";

/**
 * The part of a program that sends the request of a turn and reads its response. `parameters`: those of the call, each on a line.
 * `headers`: those that every other call needs.
 */
export function pythonResponse({ body, functions = {} }: PlainRequest, parameters: string, headers: readonly string[]): string {
  const types = new Set((body["tools"] as { type: string }[] | undefined)?.map(({ type }) => type));
  const replies = [types.has("function") && CALL_FUNCTIONS, types.has("mcp") && ASK_FOR_APPROVAL].filter((code) => code !== false);
  const annotations = [types.has("code_interpreter") && saveFiles(headers), types.has("web_search") && PRINT_WEB_PAGES].filter(
    (code) => code !== false,
  );
  const events = [READ, ...(annotations.length > 0 ? [READ_ANNOTATIONS, ...annotations] : []), ...replies].join("");
  if (replies.length === 0) return `answer = client.responses.create(\n${parameters})\nfor event in answer:\n${events}`;
  return `${define(functions)}request = dict(
${parameters})
while True:
    replies = []
    for event in client.responses.create(**request):
${indented(events + KEEP_ID)}    if not replies:
        break
    request["input"] = replies
`;
}

/** The functions that the model can call. Their outputs are those of the page. */
function define(functions: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(functions);
  if (names.length === 0) return "";
  const definitions = names.map((name) => `def ${name}():\n    return ${literal(functions[name])}\n\n`);
  return `${definitions.join("")}functions = {${names.map((name) => `${literal(name)}: ${name}`).join(", ")}}
`;
}

const READ = `    if event.type == "response.output_text.delta":
        print(event.delta, end="")
    if event.type == "response.output_item.done" and event.item.type == "image_generation_call":
        with open("image.png", "wb") as file:
            file.write(base64.b64decode(event.item.result))
`;

const READ_ANNOTATIONS = `    if event.type == "response.output_item.done" and event.item.type == "message":
        annotations = [each for part in event.item.content if part.type == "output_text" for each in part.annotations]
`;

function saveFiles(headers: readonly string[]): string {
  const extra = headers.length > 0 ? `, extra_headers={${headers.join(", ")}}` : "";
  return `        for each in annotations:
            if each.type == "container_file_citation":
                content = client.containers.files.content.retrieve(each.file_id, container_id=each.container_id${extra})
                with open(os.path.basename(each.filename), "wb") as file:
                    file.write(content.read())
`;
}

const PRINT_WEB_PAGES = `        for each in annotations:
            if each.type == "url_citation":
                print(f"\\n{each.title}: {each.url}")
`;

const CALL_FUNCTIONS = `    if event.type == "response.output_item.done" and event.item.type == "function_call":
        output = json.dumps(functions[event.item.name]())
        replies.append({"type": "function_call_output", "call_id": event.item.call_id, "output": output})
`;

const ASK_FOR_APPROVAL = `    if event.type == "response.output_item.done" and event.item.type == "mcp_approval_request":
        reply = input(f"\\nAllow {event.item.name} on {event.item.server_label} with {event.item.arguments}? [y/n] ")
        replies.append({"type": "mcp_approval_response", "approval_request_id": event.item.id, "approve": reply == "y"})
`;

const KEEP_ID = `    if event.type == "response.completed":
        request["previous_response_id"] = event.response.id
`;

function indented(code: string): string {
  return code.replaceAll(/^(?=.)/gm, "    ");
}
