import { useState } from "preact/hooks";
import type { Wish } from "../make/request.js";
import { curl } from "./curl.js";
import { python } from "./python.js";
import { typeScript } from "./typescript.js";

const LANGUAGES = { TypeScript: typeScript, curl, Python: python };

/** The call that "Generate" makes, to be copied: with this library, and without it. Never with the secret. */
export function Code({ fields, wish }: { fields: FormData; wish: Wish }) {
  const [language, setLanguage] = useState<keyof typeof LANGUAGES>("TypeScript");
  const [copied, setCopied] = useState(false);
  const code = LANGUAGES[language](fields, wish);
  return (
    <details id="code">
      <summary>
        <span>View code</span>
      </summary>
      <div class="choices" role="group" aria-label="Language">
        {(Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[]).map((name) => (
          <button key={name} type="button" aria-pressed={name === language} onClick={() => setLanguage(name)}>
            {name}
          </button>
        ))}
      </div>
      <pre>
        <code>{code}</code>
      </pre>
      <button
        type="button"
        class="secondary"
        onClick={async () => {
          await navigator.clipboard.writeText(code);
          setCopied(true);
          setTimeout(() => setCopied(false), 2000);
        }}
      >
        {copied ? "Copied" : "Copy"}
      </button>
    </details>
  );
}
