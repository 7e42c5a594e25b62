import type { PlainRequest } from "./plain.js";

/** A request by hand. */
export function curl({ url, headers, body, files, times, credential }: PlainRequest): string {
  const secret: Record<string, string> = { key: '"api-key: $AZURE_OPENAI_API_KEY"', none: "" };
  const header = secret[credential] ?? '"authorization: Bearer $AZURE_OPENAI_TOKEN"';
  // Pictures go as the parts of a form, in which Azure writes "True" large.
  const parts = files
    ? [
        ...Object.entries(body).map(([name, value]) => `--form-string ${quoted(`${name}=${value === true ? "True" : value}`)}`),
        ...Array.from({ length: files.images }, (_, index) => `-F '${files.images > 1 ? "image[]" : "image"}=@picture-${index + 1}.png'`),
        ...(files.mask ? ["-F 'mask=@mask.png'"] : []),
      ]
    : ["-H 'content-type: application/json'", `-d ${quoted(JSON.stringify(body, undefined, 2))}`];
  const note = times > 1 ? `# Once for each of the ${times} pictures:\n` : "";
  const lines = [
    `curl --no-buffer ${quoted(url.href)}`,
    ...(header ? [`-H ${header}`] : []),
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...parts,
  ];
  return note + lines.join(" \\\n  ");
}

/** A text that a shell takes as it is. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
