import type { PlainRequest } from "./plain.js";
import { environment, literal } from "./python-literal.js";

/** A request in Python with Requests, for services that the client of OpenAI does not support. */
export function pythonRequests({ service, url, body, files, times, credential }: PlainRequest): string {
  const numbers = Array.from({ length: files?.images ?? 0 }, (_, index) => index + 1);
  const isForm = service === "mai" && files !== undefined;
  const header = credential === "key" ? `"api-key": ${environment(credential)}` : `"Authorization": "Bearer " + ${environment(credential)}`;
  const members = [
    ...Object.entries(body).map(([name, value]) => `${literal(name)}: ${literal(value)}`),
    ...(isForm ? [] : numbers.map((number) => `"input_image${number > 1 ? `_${number}` : ""}": encode("image-${number}.png")`)),
  ];
  const parts = numbers.map((number) => `("image", ("image-${number}.png", open("image-${number}.png", "rb"), "image/png"))`);
  return `import base64
import os

import requests
${!isForm && files ? ENCODE : ""}
${times > 1 ? `# Once for each of the ${times} images:\n` : ""}response = requests.post(
    ${literal(url.href)},
${credential === "none" ? "" : `    headers={${header}},\n`}    ${isForm ? "data" : "json"}={
${lines(members)}    },
${isForm ? `    files=[\n${lines(parts)}    ],\n` : ""}    timeout=600,
)
response.raise_for_status()
with open("image.${body["output_format"] ?? "png"}", "wb") as file:
    file.write(base64.b64decode(response.json()["data"][0]["b64_json"]))
`;
}

const ENCODE = `

def encode(name):
    with open(name, "rb") as file:
        return base64.b64encode(file.read()).decode()

`;

function lines(items: readonly string[]): string {
  return items.map((item) => `        ${item},\n`).join("");
}
