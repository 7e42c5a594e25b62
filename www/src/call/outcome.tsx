import { useEffect, useRef, useState } from "preact/hooks";
import { Copy } from "../copy.js";
import { addInput } from "../edit/sources.js";
import { trouble } from "../history/database.js";
import { asPng } from "./as-png.js";
import { Enlarged } from "./enlarged.js";
import type { PictureCall } from "./picture-call.js";
import { count, describeError, dollars, fileName, fileSize } from "./words.js";

/** What became of a call: the facts of the picture, or what went wrong. */
export function Outcome({ call, onAgain }: { call: PictureCall | undefined; onAgain: () => void }) {
  const { value: state } = call?.state ?? { value: "idle" };
  return (
    <div>
      <div id="error" role="alert">
        {call && state === "failed" && <Failure call={call} />}
      </div>
      {call && state === "finished" && <Facts call={call} />}
      {call && (state === "failed" || state === "cancelled") && (
        <button type="button" class="secondary again" onClick={onAgain}>
          Try again
        </button>
      )}
    </div>
  );
}

function Failure({ call }: { call: PictureCall }) {
  const message = useRef<HTMLParagraphElement>(null);
  useEffect(() => message.current?.scrollIntoView({ block: "nearest" }), []);
  const error = call.error.value;
  if (!error) return null;
  return (
    <>
      <p ref={message}>{error.message}</p>
      <small>{describeError(error).join(" · ")}</small>
    </>
  );
}

function Facts({ call }: { call: PictureCall }) {
  const [isEnlarged, setEnlarged] = useState(false);
  const image = call.picture.value;
  const result = call.result.value;
  if (!image || !result) return null;
  const { usage, requestId } = result;
  const name = fileName(call.request.prompt, image.mediaType);
  const facts = {
    Size: `${image.width ?? "?"} × ${image.height ?? "?"}`,
    File: `${image.mediaType}, ${fileSize(image.byteLength)}`,
    // FLUX charges by megapixels, and counts no tokens.
    Tokens: usage?.totalTokens && `${count(usage.totalTokens)} (${count(usage.inputTokens)} in, ${count(usage.outputTokens)} out)`,
    Megapixels: usage?.megapixels && `${count(usage.megapixels.input)} in, ${count(usage.megapixels.output)} out`,
    Cost: usage?.cost === undefined ? undefined : `about ${dollars(usage.cost)}`,
    "Prompt as revised": image.revisedPrompt,
    Request: requestId,
  };
  return (
    <div id="outcome">
      <dl id="facts">{Object.entries(facts).map(([name, value]) => value && [<dt key={name}>{name}</dt>, <dd key={`${name}=`}>{value}</dd>])}</dl>
      <div class="uses">
        <a id="download" href={image.objectUrl} download={name}>
          Download
        </a>
        <button type="button" class="secondary" onClick={() => setEnlarged(true)}>
          Enlarge
        </button>
        <button type="button" class="secondary" onClick={() => addInput(image.blob, name)}>
          Use as input
        </button>
        <Copy what={() => asPng(image.blob)} />
      </div>
      {trouble.value && <small class="mistake">{trouble.value}</small>}
      {isEnlarged && <Enlarged picture={image.blob} alt={call.request.prompt} onClose={() => setEnlarged(false)} />}
    </div>
  );
}
