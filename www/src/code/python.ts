import type { PlainRequest } from "./plain.js";
import { environment, literal } from "./python-literal.js";
import { pythonRequests } from "./python-requests.js";
import { pythonResponse } from "./python-response.js";

/** A request in Python: with the client of OpenAI, or without it for the services that it does not support. */
export function python(plain: PlainRequest): string {
  if (plain.service !== "openai") return pythonRequests(plain);
  const { kind, url, headers, body, files, credential } = plain;
  const root = `${url.origin}${url.pathname.replace(/\/(images\/\w+|responses)$/, "")}`;
  const query = Object.fromEntries(url.searchParams);
  // The client sends what it has as a bearer token. A resource takes its key so, too; a Foundry project takes it in the header only.
  const isInHeader = credential === "key" && url.pathname.includes("/api/projects/");
  const secret = isInHeader || credential === "none" ? '"none"' : environment(credential);
  const credentialLines = isInHeader ? [`"api-key": ${environment(credential)}`, '"Authorization": Omit()'] : [];
  const headerLines = [...Object.entries(headers).map(([name, value]) => `${literal(name)}: ${literal(value)}`), ...credentialLines];
  // What the client does not know by name goes into the body all the same.
  const { agent_reference, ...known } = body;
  const given = parameters({ ...known, extra_body: agent_reference && { agent_reference } });
  const call = `${files ? images(files) : ""}${given}${headerLines.length > 0 ? `    extra_headers={${headerLines.join(", ")}},\n` : ""}`;
  return `import base64
${plain.functions ? "import json\n" : ""}import os

from openai import ${isInHeader ? "Omit, OpenAI" : "OpenAI"}

client = OpenAI(
    base_url=${literal(root)},
    api_key=${secret},
${parameters({ default_query: query })})

${kind === "response" ? pythonResponse(plain, call, credentialLines) : imageCall(plain, call)}`;
}

function imageCall({ body, files, times }: PlainRequest, parameters: string): string {
  const read = (body["stream"] ? READ_STREAM : READ_ANSWER).replaceAll(".png", `.${body["output_format"] ?? "png"}`);
  return `${times > 1 ? `# Once for each of the ${times} images:\n` : ""}answer = client.images.${files ? "edit" : "generate"}(
${parameters})
${read}`;
}

const READ_STREAM = `for event in answer:
    # "….partial_image" is a preview, "….completed" is the image.
    with open(f"{event.type}.png", "wb") as file:
        file.write(base64.b64decode(event.b64_json))
`;
const READ_ANSWER = `with open("image.png", "wb") as file:
    file.write(base64.b64decode(answer.data[0].b64_json))
`;

function images({ images, mask }: { images: number; mask: boolean }): string {
  const files = Array.from({ length: images }, (_, index) => `open("image-${index + 1}.png", "rb")`);
  return `    image=[${files.join(", ")}],\n${mask ? '    mask=open("mask.png", "rb"),\n' : ""}`;
}

/** Those that say something, each on a line. */
function parameters(values: Record<string, unknown>): string {
  const said = Object.entries(values).filter(([, value]) => value !== undefined && JSON.stringify(value) !== "{}");
  return said.map(([name, value]) => `    ${name}=${literal(value)},\n`).join("");
}
