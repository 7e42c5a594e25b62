import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { GeneratedImage } from "azure-image-client";
import { describeError } from "../call/words.js";
import { Code } from "../code/code.js";
import { responseRequest } from "../code/plain.js";
import { responseProgram } from "../code/typescript.js";
import { connect } from "../connection/client.js";
import { addInput } from "../edit/sources.js";
import type { Ask } from "./ask.js";
import { MakeAgent } from "./make-agent.js";
import { resume, say, type Turn } from "./turn.js";

/** What has been said in this visit. */
const turns = signal<readonly Turn[]>([]);

/** A conversation with a model, or an agent, that draws when it sees fit. */
export function Talk({ fields }: { fields: FormData | undefined }) {
  const [message, setMessage] = useState("");
  const [model, setModel] = useState("gpt-4.1");
  const [agent, setAgent] = useState("painter");
  const [isAgent, setIsAgent] = useState(false);
  const [isJob, setJob] = useState(false);
  const last = turns.value.at(-1);
  const isBusy = last !== undefined && !last.isOver.value;
  useEffect(() => {
    if (!fields || turns.value.length > 0) return;
    const turn = resume(connect(fields));
    if (turn) turns.value = [turn];
  }, [fields]);

  const ask: Ask = {
    request: {
      input: message,
      ...(last?.id && { previousResponseId: last.id }),
      ...(isAgent ? { agent } : { model, tool: { partialImages: 2 } }),
    },
    isJob,
  };
  function send(): void {
    if (!fields || isBusy || message.trim() === "") return;
    turns.value = [...turns.value, say(connect(fields), ask)];
    setMessage("");
  }

  return (
    <section id="talk" aria-label="Talk">
      <ol aria-label="Conversation">
        {turns.value.map((turn, index) => (
          <Said key={index} turn={turn} isLast={turn === last} />
        ))}
      </ol>
      <form
        class="say"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <label class="field">
          Say
          <textarea
            rows={2}
            value={message}
            placeholder="Draw a lighthouse. Then: edit it, at night."
            onInput={({ currentTarget }) => setMessage(currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
              // Else it would make a picture of the form beside it.
              event.stopPropagation();
              send();
            }}
          />
        </label>
        <div class="tools">
          <label>
            To the
            <select value={isAgent ? "agent" : "model"} onChange={({ currentTarget }) => setIsAgent(currentTarget.value === "agent")}>
              <option value="model">model</option>
              <option value="agent">agent</option>
            </select>
          </label>
          <label>
            named
            <input
              value={isAgent ? agent : model}
              spellcheck={false}
              onInput={({ currentTarget }) => (isAgent ? setAgent : setModel)(currentTarget.value)}
            />
          </label>
          <label class="check">
            <input type="checkbox" checked={isJob} onChange={({ currentTarget }) => setJob(currentTarget.checked)} />
            In the background: a reload does not end it
          </label>
          <button type="submit" class="primary" aria-disabled={isBusy}>
            Send
          </button>
          <button type="button" class="secondary" disabled={!isBusy} onClick={() => last?.cancel()}>
            Stop
          </button>
          <button type="button" class="secondary" disabled={isBusy || turns.value.length === 0} onClick={() => (turns.value = [])}>
            New conversation
          </button>
        </div>
        {isAgent && fields && <MakeAgent client={connect(fields)} name={agent} model={model} />}
      </form>
      {fields && <Code program={() => responseProgram(fields, ask)} plain={(endpoint) => responseRequest(endpoint, fields, ask)} />}
    </section>
  );
}

function Said({ turn, isLast }: { turn: Turn; isLast: boolean }) {
  const item = useRef<HTMLLIElement>(null);
  // What is new comes into sight.
  useEffect(() => {
    if (isLast) item.current?.scrollIntoView({ block: "end" });
  }, [isLast, turn.pictures.value, turn.isOver.value]);
  const error = turn.error.value;
  return (
    <li ref={item}>
      <p class="said">{turn.said}</p>
      {[...turn.pictures.value].map(([id, { image, isPreview }]) => (
        <Drawn key={id} image={image} isPreview={isPreview} said={turn.said} />
      ))}
      {turn.text.value && <p class="answer">{turn.text.value}</p>}
      {error && error.code !== "cancelled" && (
        <p class="mistake">
          {error.message} <small>{describeError(error).join(" · ")}</small>
        </p>
      )}
      <small role="status">{turn.isOver.value && !error ? "" : turn.status.value.replace("_", " ")}</small>
    </li>
  );
}

function Drawn({ image, isPreview, said }: { image: GeneratedImage; isPreview: boolean; said: string }) {
  // When something newer is shown, and when nothing is: whoever shows it again reads a new object URL.
  useEffect(() => () => image.dispose(), [image]);
  return (
    <figure>
      <img src={image.objectUrl} alt={`${isPreview ? "Preview: " : ""}${image.revisedPrompt ?? said}`} />
      {isPreview ? (
        <figcaption>Preview</figcaption>
      ) : (
        <button type="button" class="plain" onClick={() => addInput(image.blob, "picture.png")}>
          Use as input
        </button>
      )}
    </figure>
  );
}
