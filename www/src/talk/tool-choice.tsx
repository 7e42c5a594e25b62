import type { Signal } from "@preact/signals";
import { choice } from "./tools.js";

/** The tools that the model may call beside image generation. */
export function ToolChoice({ isAgent, isJob }: { isAgent: boolean; isJob: boolean }) {
  const { palette, codeInterpreter, webSearch, mcp, mcpLabel, mcpUrl } = choice;
  const note = isAgent
    ? "An agent has its own tools. To choose tools here, talk to a model."
    : isJob && palette.value
      ? "Page palette is a function of this page. A background job continues without the page, so it cannot call it."
      : "";
  return (
    <fieldset class="tool-choice" aria-describedby="tool-note">
      <legend>Tools</legend>
      <div class="tools">
        <Check label="Page palette (function)" value={palette} isDisabled={isAgent || isJob} />
        <Check label="Code interpreter" value={codeInterpreter} isDisabled={isAgent} />
        <Check label="Web search" value={webSearch} isDisabled={isAgent} />
        <Check label="MCP server" value={mcp} isDisabled={isAgent} />
      </div>
      {mcp.value && !isAgent && (
        <div class="server">
          <label class="field">
            Server label
            <input
              value={mcpLabel.value}
              required
              pattern="[A-Za-z][A-Za-z0-9_\-]*"
              title="A letter, then letters, digits, hyphens and underscores"
              spellcheck={false}
              onInput={({ currentTarget }) => (mcpLabel.value = currentTarget.value)}
            />
          </label>
          <label class="field">
            Server URL
            <input
              type="url"
              value={mcpUrl.value}
              required
              pattern="https://.+"
              title="A URL that starts with https://"
              spellcheck={false}
              onInput={({ currentTarget }) => (mcpUrl.value = currentTarget.value)}
            />
          </label>
          <small>Azure calls the server. Each call needs your approval.</small>
        </div>
      )}
      <small id="tool-note">{note}</small>
    </fieldset>
  );
}

/** A tool. One that cannot be chosen now is not checked, and gets its choice back afterwards. */
function Check({ label, value, isDisabled }: { label: string; value: Signal<boolean>; isDisabled: boolean }) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={value.value && !isDisabled}
        disabled={isDisabled}
        onChange={({ currentTarget }) => (value.value = currentTarget.checked)}
      />
      {label}
    </label>
  );
}
