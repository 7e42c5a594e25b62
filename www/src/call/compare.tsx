import { useEffect, useRef, useState } from "preact/hooks";
import { useObjectUrl } from "./object-url.js";

/** The picture that an edit began with, laid over what came of it as far as the slider is drawn. */
export function Compare({ before, prompt }: { before: Blob; prompt: string }) {
  const image = useRef<HTMLImageElement>(null);
  const url = useObjectUrl(before);
  const [share, setShare] = useState(0);
  useEffect(() => image.current?.style.setProperty("--share", `${share}%`), [share, url]);
  return (
    <>
      {url && share > 0 && <img class="before" ref={image} src={url} alt={`Before: ${prompt}`} />}
      <label class="compare">
        Before
        <input type="range" min={0} max={100} value={share} onInput={({ currentTarget }) => setShare(currentTarget.valueAsNumber)} />
      </label>
    </>
  );
}
