import type { EndpointDescription } from "azure-image-client";
import { useState } from "preact/hooks";
import { Copy } from "../copy.js";
import { advice } from "../make/advice.js";
import { curl } from "./curl.js";
import type { PlainRequest } from "./plain.js";
import { python } from "./python.js";

/** A call of the page, to be copied: with this library, and without it. Never with the secret. */
export function Code({ program, plain }: { program: () => string; plain: (endpoint: EndpointDescription) => PlainRequest }) {
  const { endpoint } = advice.value;
  const without = (write: (plain: PlainRequest) => string) => (endpoint ? write(plain(endpoint)) : "The endpoint is not one yet.");
  const languages = { TypeScript: program, curl: () => without(curl), Python: () => without(python) };
  const [language, setLanguage] = useState<keyof typeof languages>("TypeScript");
  const code = languages[language]();
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
      <Copy what={() => new ClipboardItem({ "text/plain": code })} />
    </details>
  );
}
