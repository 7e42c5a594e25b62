import { useEffect, useRef, useState } from "preact/hooks";
import { useObjectUrl } from "./object-url.js";

/** A picture alone, as large as one wants it; what does not fit is scrolled to. */
export function Enlarged({ picture, alt, onClose }: { picture: Blob; alt: string; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const url = useObjectUrl(picture);
  const [zoom, setZoom] = useState(100);
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => dialog.current?.style.setProperty("--zoom", String(zoom / 100)), [zoom]);
  return (
    <dialog class="window" ref={dialog} aria-label="Enlarged picture" onClose={onClose}>
      <div class="tools">
        <label>
          Zoom
          <input type="range" min={100} max={800} step={25} value={zoom} onInput={({ currentTarget }) => setZoom(currentTarget.valueAsNumber)} />
        </label>
        <button type="button" class="secondary" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys scroll what has the focus. */}
      <div class="paper" role="group" aria-label="Picture, scrolled by the arrow keys" tabIndex={0}>
        <div class="sheet">{url && <img src={url} alt={alt} />}</div>
      </div>
    </dialog>
  );
}
