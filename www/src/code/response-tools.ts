import type { Tool } from "azure-image-client";

/** Says which of the tools of the page a request has. */
export function toolsOf(tools: readonly Tool[] = []) {
  const has = (type: string) => tools.some((tool) => tool.type === type);
  return { palette: has("function"), codeInterpreter: has("code_interpreter"), webSearch: has("web_search"), mcp: has("mcp") };
}

/** Returns the tools in the form of the service. */
export function wireTools(tools: readonly Tool[] = []): readonly Record<string, unknown>[] {
  return tools.map((tool) => {
    const members = Object.entries(tool).map(([name, value]) => [name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]);
    return { ...Object.fromEntries(members), ...(tool.type === "code_interpreter" && { container: { type: "auto" } }) };
  });
}
