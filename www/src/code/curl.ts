import { text } from "../connection/client.js";
import type { Wish } from "../make/request.js";
import { addressOf, bodyOf } from "./body.js";

/** The same call by hand. */
export function curl(fields: FormData, wish: Wish): string {
  const header = { key: '-H "api-key: $AZURE_OPENAI_API_KEY"', token: '-H "authorization: Bearer $AZURE_OPENAI_TOKEN"' }[text(fields, "credential")];
  const body = JSON.stringify(bodyOf(fields, wish), undefined, 2);
  return [
    `curl --no-buffer ${quoted(`${addressOf(fields)}/images/generations?api-version=preview`)}`,
    '  -H "content-type: application/json"',
    ...(header ? [`  ${header}`] : []),
    `  -d ${quoted(body)}`,
  ].join(" \\\n");
}

/** A text that a shell takes as it is. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
