import type { PlainRequest } from "./plain.js";

/** A request with curl. */
export function curl(plain: PlainRequest): string {
  const { service, url, headers, body, files, functions, times, credential } = plain;
  const secret: Record<string, string> = { key: '"api-key: $AZURE_OPENAI_API_KEY"', none: "" };
  const header = secret[credential] ?? '"authorization: Bearer $AZURE_OPENAI_TOKEN"';
  const json = JSON.stringify(body, undefined, 2);
  const isEmbedded = service === "flux" && files !== undefined;
  const content = files && !isEmbedded ? form(plain, files) : ["-H 'content-type: application/json'", isEmbedded ? "-d @-" : `-d ${quoted(json)}`];
  const note = times > 1 ? `# Once for each of the ${times} images:\n` : functions ? FUNCTIONS_NOTE : "";
  const lines = [
    `curl --no-buffer ${quoted(url.href)}`,
    ...(header ? [`-H ${header}`] : []),
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...content,
  ];
  return note + (isEmbedded ? withImages(json, files.images) : "") + lines.join(" \\\n  ");
}

const FUNCTIONS_NOTE = `# If the response has a function_call, send a second request: its "input" has an item with the type "function_call_output",
# the "call_id" of the call and the "output", and its "previous_response_id" is the id of the response.
`;

/** The parts of a form, in which Azure writes "True" with a capital letter. */
function form({ service, body }: PlainRequest, { images, mask }: NonNullable<PlainRequest["files"]>): string[] {
  const name = service === "openai" && images > 1 ? "image[]" : "image";
  return [
    ...Object.entries(body).map(([name, value]) => `--form-string ${quoted(`${name}=${value === true ? "True" : value}`)}`),
    ...Array.from({ length: images }, (_, index) => `-F '${name}=@image-${index + 1}.png'`),
    ...(mask ? ["-F 'mask=@mask.png'"] : []),
  ];
}

/** Commands that print the JSON with the images in base64. No command line is long enough for an image. */
function withImages(json: string, images: number): string {
  const start = json.replace(/\n\}$/, "");
  const parts = Array.from({ length: images }, (_, index) => {
    const name = index === 0 ? "input_image" : `input_image_${index + 1}`;
    const before = index === 0 ? start : '"';
    return `  printf %s ${quoted(`${before},\n  "${name}": "`)}\n  base64 < image-${index + 1}.png | tr -d '\\n'\n`;
  });
  return `{\n${parts.join("")}  printf %s ${quoted('"\n}')}\n} | `;
}

/** A text that a shell takes as it is. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
