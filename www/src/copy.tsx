import { useState } from "preact/hooks";

/** Puts something into the clipboard, and says whether that worked: a browser asks the person, and offers it to safe pages only. */
export function Copy({ what, isPlain = false }: { what: () => ClipboardItem; isPlain?: boolean }) {
  const [outcome, setOutcome] = useState("");

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.write([what()]);
      setOutcome("Copied.");
    } catch {
      setOutcome("This browser does not let the page copy.");
    }
  }

  return (
    <span class="copy">
      <button type="button" class={isPlain ? "plain" : "secondary"} onClick={() => void copy()}>
        Copy
      </button>{" "}
      <small role="status">{outcome}</small>
    </span>
  );
}
