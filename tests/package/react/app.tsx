// An app with React, as the users of the package write one; with switches for what a test wants to see of it.

import { Activity, StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { AzureImageClient, init } from "azure-image-client";
import { type ImageGeneration, useImageGeneration } from "azure-image-client/react";
// @ts-expect-error It comes out of the README.
import { Painter } from "./painter.jsx";

globalThis.effects = { run: 0 };

const query = new URLSearchParams(location.search);
const newClient = (deployment = "gpt-image-1") => new AzureImageClient(query.get("endpoint") ?? "", { key: "simulator-key" }, { deployment });
const sharedClient = newClient();

function Studio({ name, atOnce = false }: { name: string; atOnce?: boolean }) {
  const [prompt, setPrompt] = useState("a lake");
  const [n, setN] = useState(1);
  const [outcome, setOutcome] = useState("");
  const client = query.has("new-client") ? newClient(prompt.includes("mini") ? "gpt-image-1-mini" : undefined) : sharedClient;
  const { status, images, partialImages, progress, result, error, generate, edit, cancel, reset } = useImageGeneration(client);
  // For who calls it when the component is not there.
  Object.assign(globalThis, { [`${name}Generate`]: generate });
  const tell = (made: Awaited<ReturnType<typeof generate>>) => setOutcome(made ? `${made.images.length} image` : "no result");
  return (
    <section aria-label={name}>
      <input aria-label="Prompt" value={prompt} onChange={(event) => setPrompt(event.target.value)} />
      <input aria-label="Number" type="number" value={n} onChange={(event) => setN(event.target.valueAsNumber)} />
      <button onClick={async () => tell(await generate({ prompt, n, size: "1024x1024", partialImages: 2 }))}>Generate</button>
      <button onClick={async () => tell(await edit({ prompt, image: images[0]?.blob ?? [] }))}>Edit</button>
      <button onClick={cancel}>Cancel</button>
      <button onClick={reset}>Reset</button>
      {atOnce && <AtOnce generate={generate} />}
      <output>{status}</output>
      <p aria-label="Stage">{progress?.stage}</p>
      <p aria-label="Outcome">{outcome}</p>
      <p aria-label="Tokens">{result?.usage?.totalTokens}</p>
      {error && <p role="alert">{error.code}</p>}
      {images.map((image) => (
        <img key={image.objectUrl} alt="image" src={image.objectUrl} />
      ))}
      {partialImages.map((image) => (
        <img key={image.objectUrl} alt="preview" src={image.objectUrl} />
      ))}
    </section>
  );
}

/** React runs the effects of a child before those of the component that has the hook, when it is shown anew, too. */
function AtOnce({ generate }: Pick<ImageGeneration, "generate">) {
  useEffect(() => {
    void generate({ prompt: "a lake" });
    effects.run += 1;
  }, [generate]);
  return null;
}

function App() {
  const [isMounted, setMounted] = useState(true);
  const [isShown, setShown] = useState(true);
  return (
    <>
      <button onClick={() => setMounted(!isMounted)}>Mount</button>
      <button onClick={() => setShown(!isShown)}>Show</button>
      {isMounted && (
        <Activity mode={isShown ? "visible" : "hidden"}>
          <Studio name="one" atOnce={query.has("at-once")} />
          <Studio name="other" />
          <section aria-label="painter">
            <Painter />
          </section>
        </Activity>
      )}
    </>
  );
}

// A call could be sent at once.
await init();
createRoot(document.body.appendChild(document.createElement("main"))).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
