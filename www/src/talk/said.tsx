import { useEffect, useRef } from "preact/hooks";
import { describeError } from "../call/words.js";
import { addInput } from "../edit/sources.js";
import { Approval } from "./approval.js";
import { Call } from "./call.js";
import { withoutCitedLinks } from "./citations.js";
import { Picture } from "./picture.js";
import { Sources } from "./sources.js";
import type { Turn } from "./turn.js";

/** A turn of the conversation. */
export function Said({ turn, isLast, onAgain }: { turn: Turn; isLast: boolean; onAgain: () => void }) {
  const item = useRef<HTMLLIElement>(null);
  // Scrolls new content into view.
  useEffect(() => {
    if (isLast) item.current?.scrollIntoView({ block: "end" });
  }, [isLast, turn.pictures.value, turn.steps.value, turn.isOver.value]);
  const error = turn.error.value;
  const citations = turn.citations.value;
  return (
    <li ref={item}>
      <p class="said">{turn.said}</p>
      {turn.steps.value.map((step, index) =>
        "call" in step ? (
          <Call key={index} call={step.call} output={turn.outputs.value.get(step.call.callId ?? "")} />
        ) : (
          <Approval key={index} turn={turn} request={step.request} />
        ),
      )}
      {[...turn.pictures.value].map(([id, { image, isPreview }]) => (
        <Picture key={id} image={image} words={`${isPreview ? "Preview: " : ""}${image.revisedPrompt ?? turn.said}`}>
          {isPreview ? (
            <figcaption>Preview</figcaption>
          ) : (
            <button type="button" class="plain" onClick={() => addInput(image.blob, "picture.png")}>
              Use as input
            </button>
          )}
        </Picture>
      ))}
      {turn.text.value && <p class="answer">{withoutCitedLinks(turn.text.value, citations)}</p>}
      <Sources citations={citations} download={(citation) => turn.download(citation)} />
      {turn.note.value && <small>{turn.note.value}</small>}
      {error && error.code !== "cancelled" && (
        <p class="mistake">
          {error.message} <small>{describeError(error).join(" · ")}</small>{" "}
          <button type="button" class="plain" onClick={onAgain}>
            Say it again
          </button>
        </p>
      )}
      <small role="status">{describeStatus(turn)}</small>
    </li>
  );
}

function describeStatus({ isOver, isWaiting, error, status }: Turn): string {
  if (isWaiting.value) return "waiting for your approval";
  return isOver.value && !error.value ? "" : status.value.replace("_", " ");
}
