/** Writes a value in Python, which differs from JSON in `True` only. */
export function literal(value: unknown): string {
  return value === true ? "True" : JSON.stringify(value);
}

/** Reads the key or the token from the environment. */
export function environment(credential: string): string {
  return `os.environ["${credential === "key" ? "AZURE_OPENAI_API_KEY" : "AZURE_OPENAI_TOKEN"}"]`;
}
