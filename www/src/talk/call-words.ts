import type { ToolCall } from "azure-image-client";

const TITLES: Readonly<Record<string, string>> = {
  code_interpreter_call: "Code interpreter",
  web_search_call: "Web search",
  file_search_call: "File search",
  computer_call: "Computer use",
};

/** Returns the name of a call's tool. */
export function titleOf({ type, name, serverLabel }: ToolCall): string {
  if (name) return serverLabel ? `${name} on ${serverLabel}` : name;
  const words = type.replace(/_call$/, "").replaceAll("_", " ");
  return TITLES[type] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** Returns the arguments of a call. Undefined if it has none. */
export function argumentsOf({ arguments: written, input, queries, action, actions }: ToolCall): unknown {
  if (written !== undefined) return /^\s*(\{\s*\})?\s*$/.test(written) ? undefined : written;
  if (input !== undefined) return input;
  if (queries) return { query: queries.join("; ") };
  if (action) return withoutLists(action);
  return actions?.map(({ type }) => type).join(", ");
}

/** Returns the result of a call that the service ran. Undefined if it has none. */
export function resultOf({ output, error, results }: ToolCall): unknown {
  if (error !== undefined && error !== null) return error;
  if (results) return results.map(({ fileName, fileId }) => fileName ?? fileId).join("\n");
  return output === null ? "The result is longer than 64 KB." : output;
}

/** Returns the logs of the code interpreter. */
export function logsOf({ outputs }: ToolCall): string {
  const logs = (outputs ?? []).filter(({ type }) => type === "logs");
  return logs.map((output) => output.logs ?? "The logs are longer than 64 KB.").join("\n");
}

/** Drops lists such as the queries and sources of a web search, which repeat its query and its citations. */
function withoutLists(action: object): object {
  return Object.fromEntries(Object.entries(action).filter(([, value]) => !Array.isArray(value)));
}
