import { text } from "../connection/profiles.js";
import type { Wish } from "../make/request.js";
import { addressOf, bodyOf } from "./body.js";

/** The same call with the Python client of OpenAI. */
export function python(fields: FormData, wish: Wish): string {
  const { stream, response_format, ...body } = bodyOf(fields, wish);
  const secret = { key: 'os.environ["AZURE_OPENAI_API_KEY"]', token: 'os.environ["AZURE_OPENAI_TOKEN"]' }[text(fields, "credential")] ?? '"none"';
  const files = wish.sources
    ? [
        `    image=[${wish.sources.image.map((_, index) => `open("picture-${index + 1}.png", "rb")`).join(", ")}],`,
        ...(wish.sources.mask ? ['    mask=open("mask.png", "rb"),'] : []),
      ]
    : [];
  const parameters = Object.entries(stream ? { ...body, stream } : { ...body, response_format }).map(
    ([name, value]) => `    ${name}=${literal(value)},`,
  );
  const read = stream
    ? `for event in events:
    # "image_generation.partial_image" is a preview, "image_generation.completed" is the picture.
    with open(f"{event.type}.png", "wb") as file:
        file.write(base64.b64decode(event.b64_json))`
    : `with open("picture.png", "wb") as file:
    file.write(base64.b64decode(events.data[0].b64_json))`;
  return `import base64
import os

from openai import OpenAI

client = OpenAI(
    base_url=${literal(addressOf(fields))},
    api_key=${secret},
    default_query={"api-version": "preview"},
)

events = client.images.${wish.sources ? "edit" : "generate"}(
${[...files, ...parameters].join("\n")}
)
${read}
`;
}

function literal(value: unknown): string {
  return value === true ? "True" : JSON.stringify(value);
}
