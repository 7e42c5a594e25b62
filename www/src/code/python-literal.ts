/** Writes a value of JSON in Python. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([name, member]) => `${literal(name)}: ${literal(member)}`);
    return `{${members.join(", ")}}`;
  }
  if (typeof value === "boolean") return value ? "True" : "False";
  return value === null ? "None" : JSON.stringify(value);
}

/** Reads the key or the token from the environment. */
export function environment(credential: string): string {
  return `os.environ["${credential === "key" ? "AZURE_OPENAI_API_KEY" : "AZURE_OPENAI_TOKEN"}"]`;
}
