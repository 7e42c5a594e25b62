import type { EndpointDescription } from "azure-image-client";
import { useState } from "preact/hooks";
import { advice } from "../make/advice.js";
import { curl } from "./curl.js";
import type { PlainRequest } from "./plain.js";
import { python } from "./python.js";

/** A call of the page, to be copied: with this library, and without it. Never with the secret. */
export function Code({ program, plain }: { program: () => string; plain: (endpoint: EndpointDescription) => PlainRequest }) {
  const languages = {
    TypeScript: program,
    curl: (endpoint: EndpointDescription) => curl(plain(endpoint)),
    Python: (endpoint: EndpointDescription) => python(plain(endpoint)),
  };
  const [language, setLanguage] = useState<keyof typeof languages>("TypeScript");
  const [copied, setCopied] = useState(false);
  const { endpoint } = advice.value;
  const code = endpoint ? languages[language](endpoint) : "The endpoint is not one yet.";
  return (
    <details class="code">
      <summary>
        <span>View code</span>
      </summary>
      <div class="choices" role="group" aria-label="Language">
        {(Object.keys(languages) as (keyof typeof languages)[]).map((name) => (
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
