import { useEffect, useRef, useState } from "preact/hooks";
import type { Model } from "../make/models.js";
import { addInputs, inputs, leftOut, mask, removeInput } from "./sources.js";
import { MaskEditor } from "./mask-editor.js";

/** Pictures to work from: picked, dropped anywhere on the page, or pasted. */
export function InputPictures({ model }: { model: Model }) {
  const picker = useRef<HTMLInputElement>(null);
  const [isPainting, setPainting] = useState(false);
  useEffect(() => {
    const take = (files: FileList | undefined, event: Event) => {
      if (!files || files.length === 0) return;
      event.preventDefault();
      addInputs(files);
    };
    // A text that is copied with a picture beside it is meant as text.
    const paste = (event: ClipboardEvent) => !event.clipboardData?.types.includes("text/plain") && take(event.clipboardData?.files, event);
    const drop = (event: DragEvent) => take(event.dataTransfer?.files, event);
    const over = (event: DragEvent) => event.dataTransfer?.types.includes("Files") && event.preventDefault();
    document.addEventListener("paste", paste);
    document.addEventListener("drop", drop);
    document.addEventListener("dragover", over);
    return () => {
      document.removeEventListener("paste", paste);
      document.removeEventListener("drop", drop);
      document.removeEventListener("dragover", over);
    };
  }, []);
  const [first] = inputs.value;
  const name = model.name || "This model";
  return (
    <fieldset class="inputs">
      <legend>Work from pictures</legend>
      <ul aria-label="Pictures to work from">
        {inputs.value.map((input, index) => (
          <li key={input.url}>
            <span class="thumbnail">
              <img src={input.url} alt={input.name} />
            </span>
            {index === 0 && (
              <button
                type="button"
                class="plain"
                disabled={!model.masks}
                aria-describedby={model.masks ? undefined : "no-mask"}
                onClick={() => setPainting(true)}
              >
                {mask.value ? "Change the mask" : "Paint a mask"}
              </button>
            )}
            <button
              type="button"
              class="plain"
              aria-label={`Remove ${input.name}`}
              onClick={() => {
                // What was pressed goes away.
                picker.current?.focus();
                removeInput(input);
              }}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      {first && !model.masks && model.inputs > 0 && <small id="no-mask">{name} takes no mask. Describe the area to change in the prompt.</small>}
      {inputs.value.length > model.inputs && <small>{surplus(name, model.inputs)}</small>}
      <label class="pick">
        <input
          type="file"
          multiple
          ref={picker}
          disabled={model.inputs === 0}
          accept="image/*"
          onChange={({ currentTarget }) => {
            addInputs(currentTarget.files ?? []);
            // So that the same file can be picked again.
            currentTarget.value = "";
          }}
        />
        <small role="status">{leftOut.value}</small>
        <small>
          {model.inputs === 0
            ? `${name} creates images from the prompt alone.`
            : `Images of any format, ${model.inputs === 1 ? "one image" : `up to ${model.inputs}`}: pick them, drop them here, or paste. Without any, a new image is created.`}
        </small>
      </label>
      {isPainting && first && <MaskEditor picture={first} onClose={() => setPainting(false)} />}
    </fieldset>
  );
}

/** Says which of too many input images are sent. */
function surplus(name: string, most: number): string {
  if (most === 0) return `${name} takes no input images. They are not sent.`;
  return `${name} takes ${most === 1 ? "one input image. Only the first is" : `up to ${most} input images. Only the first ${most} are`} sent.`;
}
