/** Reads base64 strictly. */

/** Decodes base64, or returns `undefined` for an empty string and for any other text. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  // Node skips characters that are not base64, so the lengths differ.
  let length = text.length;
  while (text[length - 1] === "=") length--;
  const expected = Math.floor((length * 3) / 4);
  return bytes.length > 0 && bytes.length === expected ? bytes : undefined;
}
