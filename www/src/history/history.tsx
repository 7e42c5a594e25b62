import { downloadZip } from "client-zip";
import { useRef, useState } from "preact/hooks";
import { asPng } from "../call/as-png.js";
import { useObjectUrl } from "../call/object-url.js";
import { count, dollars, fileName, fileSize } from "../call/words.js";
import { Copy } from "../copy.js";
import { addInput } from "../edit/sources.js";
import { type Entry, forget, forgetAll, history, storage, trouble } from "./database.js";

/** The pictures that this browser has kept, whatever became of the page meanwhile. */
export function History() {
  const gallery = useRef<HTMLOListElement>(null);
  const [filter, setFilter] = useState("");
  const words = filter.toLowerCase();
  const shown = history.value.filter(({ prompt }) => prompt.toLowerCase().includes(words));
  const costs = shown.flatMap(({ cost }) => cost ?? []);
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const { used, quota } = storage.value;
  return (
    <section id="history" aria-label="History">
      <div class="tools">
        <input
          type="search"
          aria-label="Filter by prompt"
          placeholder="Filter by prompt"
          value={filter}
          onInput={({ currentTarget }) => setFilter(currentTarget.value)}
        />
        <button type="button" class="secondary" disabled={shown.length === 0} onClick={() => void downloadAll(shown)}>
          Download as ZIP
        </button>
        <button
          type="button"
          class="secondary"
          disabled={history.value.length === 0}
          onClick={() => confirm(`Delete all ${history.value.length} pictures of this browser's history?`) && void forgetAll()}
        >
          Delete all
        </button>
      </div>
      <p>
        <small>
          {shown.length} of {history.value.length} pictures, {fileSize(used)}
          {quota !== undefined && ` of the ${fileSize(quota)} that this browser gives`}
          {costs.length > 0 && `; about ${dollars(total)} in all`}. They are kept in this browser, and nowhere else.
        </small>
      </p>
      {trouble.value && <p class="mistake">{trouble.value}</p>}
      <ol class="gallery" ref={gallery} tabIndex={-1} aria-label="Pictures that are kept">
        {shown.map((entry) => (
          <Card
            key={entry.id}
            entry={entry}
            onForget={() => {
              // What had the focus goes away.
              gallery.current?.focus();
              void forget(entry);
            }}
          />
        ))}
      </ol>
    </section>
  );
}

function Card({ entry, onForget }: { entry: Entry; onForget: () => void }) {
  const { blob, prompt, asked, effective, width, height, revisedPrompt, totalTokens, cost, madeAt } = entry;
  const url = useObjectUrl(blob);
  const name = nameOf(entry);
  return (
    <li>
      {url && <img src={url} alt={prompt} loading="lazy" />}
      <p>{prompt}</p>
      <details>
        <summary>
          <span>
            {width} × {height}, {madeAt.toLocaleString()}
          </span>
        </summary>
        <dl>
          <dt>Asked</dt>
          <dd>{settings(asked)}</dd>
          <dt>Made with</dt>
          <dd>{settings(effective) || "not said"}</dd>
          {revisedPrompt && [<dt key="term">Prompt as revised</dt>, <dd key="text">{revisedPrompt}</dd>]}
          {totalTokens !== undefined && [<dt key="term">Tokens</dt>, <dd key="text">{count(totalTokens)}</dd>]}
          {cost !== undefined && [<dt key="term">Cost</dt>, <dd key="text">about {dollars(cost)}</dd>]}
        </dl>
      </details>
      <div class="tools">
        <a class="plain" href={url} download={name}>
          Download
        </a>
        <Copy isPlain what={() => asPng(blob)} />
        <button type="button" class="plain" onClick={() => addInput(blob, name)}>
          Use as input
        </button>
        <button type="button" class="plain" onClick={onForget}>
          Delete
        </button>
      </div>
    </li>
  );
}

function settings(values: object): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function nameOf({ id, prompt, blob }: Entry): string {
  return `${String(id).padStart(3, "0")}-${fileName(prompt, blob.type)}`;
}

async function downloadAll(entries: readonly Entry[]): Promise<void> {
  const files = entries.map((entry) => ({ name: nameOf(entry), input: entry.blob, lastModified: entry.madeAt }));
  const url = URL.createObjectURL(await downloadZip(files).blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = "pictures.zip";
  link.click();
  URL.revokeObjectURL(url);
}
