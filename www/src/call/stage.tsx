import { useEffect, useRef, useState } from "preact/hooks";
import type { GeneratedImage } from "azure-image-client";
import { Compare } from "./compare.js";
import { Clock } from "./clock.js";
import { Outcome } from "./outcome.js";
import type { PictureCall } from "./picture-call.js";
import { Pictures } from "./pictures.js";
import { describeCall, previewName } from "./words.js";

/** One call: its newest preview, and in the end its picture. It stays when the call changes: a live region that is replaced may go unheard. */
export function Stage({
  call,
  empty,
  onAgain,
}: {
  call: PictureCall | undefined;
  /** The request of the form, which shapes the stage before the first call. */
  empty: PictureCall["request"] | undefined;
  onAgain: () => void;
}) {
  const previews = call?.previews.value ?? [];
  const picture = call?.picture.value;
  const asked = call ? (call.streamed ? call.request.partialImages : 0) : (empty?.partialImages ?? 0);
  const newest = picture ?? previews.at(-1);
  // What the person looks at, until something newer comes.
  const [chosen, setChosen] = useState<GeneratedImage>();
  useEffect(() => setChosen(undefined), [newest]);
  const shown = chosen ?? newest;
  const label = shown && shown !== picture ? previewName(previews.indexOf(shown) + 1, asked) : "";
  const [naturalRatio, setNaturalRatio] = useState<number>();
  useEffect(() => setNaturalRatio(undefined), [call]);
  // Whoever is no longer looked at needs no object URLs for previews.
  useEffect(() => () => call?.freePreviews(), [call]);
  const slots = [
    ...Array.from({ length: asked }, (_, index) => [previewName(index + 1, asked), previews[index]] as const),
    ["Picture", picture] as const,
  ];
  return (
    <section id="stage" aria-label="Picture" data-state={call?.state.value ?? "idle"} ref={useRatio(naturalRatio ?? ratioOf(call?.request ?? empty))}>
      <div class="easel">
        <div id="frame">
          <div class="plate" aria-hidden="true" />
          <Pictures image={shown} alt={`${label && `${label}: `}${call?.request.prompt}`} onRatio={setNaturalRatio} />
          {label && <p id="badge">{label}</p>}
          {call?.sources?.image[0] && shown && <Compare key={call.number} before={call.sources.image[0]} prompt={call.request.prompt} />}
        </div>
      </div>

      <div class="progress">
        <p id="status" role="status">
          {call ? describeCall(call) : "Your picture will develop here."}
        </p>
        {call && !call.isOver && <Clock key={call.number} call={call} />}
      </div>

      <div class="ledger">
        <ol id="strip" aria-label="Previews and picture">
          {slots.map(([name, image]) => (
            <li key={name}>
              <button type="button" aria-pressed={image !== undefined && image === shown} disabled={!image} onClick={() => setChosen(image)}>
                <span class="thumbnail">{image && <img src={image.objectUrl} alt="" />}</span>
                <span class="label">{name}</span>
              </button>
            </li>
          ))}
        </ol>
        <Outcome call={call} onAgain={onAgain} />
      </div>
    </section>
  );
}

/** Sets the shape of the picture, by script, since the page's policy allows no style in its text. */
function useRatio(ratio: number) {
  const ref = useRef<HTMLElement>(null);
  useEffect(() => ref.current?.style.setProperty("--ratio", String(ratio)), [ratio]);
  return ref;
}

function ratioOf({ size, aspectRatio }: Partial<PictureCall["request"]> = {}): number {
  const [width = 0, height = 0] = (size ?? aspectRatio ?? "").split(/[x:]/).map(Number);
  return width > 0 && height > 0 ? width / height : 1;
}
