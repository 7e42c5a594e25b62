import { text } from "../connection/profiles.js";
import type { Wish } from "../make/request.js";
import { addressOf, bodyOf } from "./body.js";

/** The same call by hand. */
export function curl(fields: FormData, wish: Wish): string {
  const header = { key: '-H "api-key: $AZURE_OPENAI_API_KEY"', token: '-H "authorization: Bearer $AZURE_OPENAI_TOKEN"' }[text(fields, "credential")];
  const body = bodyOf(fields, wish);
  const route = wish.sources ? "edits" : "generations";
  // Pictures go as the parts of a form.
  const parts = wish.sources
    ? [
        ...Object.entries(body).map(([name, value]) => `  -F ${quoted(`${name}=${value}`)}`),
        ...wish.sources.image.map((_, index) => `  -F 'image[]=@picture-${index + 1}.png'`),
        ...(wish.sources.mask ? ["  -F 'mask=@mask.png'"] : []),
      ]
    : ['  -H "content-type: application/json"', `  -d ${quoted(JSON.stringify(body, undefined, 2))}`];
  return [
    `curl --no-buffer ${quoted(`${addressOf(fields)}/images/${route}?api-version=preview`)}`,
    ...(header ? [`  ${header}`] : []),
    ...parts,
  ].join(" \\\n");
}

/** A text that a shell takes as it is. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
