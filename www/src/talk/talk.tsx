import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Code } from "../code/code.js";
import { responseRequest } from "../code/plain.js";
import { responseProgram } from "../code/typescript-response.js";
import { connect } from "../connection/client.js";
import { readProfile } from "../connection/profiles.js";
import type { Ask } from "./ask.js";
import { forgetJob, job } from "./job.js";
import { MakeAgent } from "./make-agent.js";
import { Said } from "./said.js";
import { ToolChoice } from "./tool-choice.js";
import { chosenTools } from "./tools.js";
import { Turn } from "./turn.js";

/** What has been said in this visit. */
const turns = signal<readonly Turn[]>([]);
/** What is being written, and to whom: kept while something else is looked at. */
const message = signal("");
const model = signal("gpt-5.5");
const agent = signal("painter");
const isAgent = signal(false);
const isJob = signal(false);

/** A conversation with a model, or an agent, that draws when it sees fit. */
export function Talk({ fields }: { fields: FormData | undefined }) {
  const last = turns.value.at(-1);
  const isBusy = last !== undefined && !last.isOver.value;
  // A message must not decide about a call that was asked for before it.
  const isWaiting = last?.isWaiting.value ?? false;
  const endpoint = fields ? readProfile(fields).endpoint : "";
  const follow = () => {
    if (fields && job.value?.id && !isBusy) turns.value = [...turns.value, Turn.resume(connect(fields), job.value, job.value.id)];
  };
  useEffect(() => {
    // Elsewhere nobody knows it.
    if (turns.value.length === 0 && job.value?.endpoint === endpoint) follow();
  }, [endpoint]);

  const previous = turns.value.findLast((turn) => turn.id !== undefined && turn.endpoint === endpoint);
  const tools = chosenTools(isJob.value);
  const ask: Ask = {
    request: {
      input: message.value,
      ...(previous?.id && { previousResponseId: previous.id }),
      ...(isAgent.value ? { agent: agent.value } : { model: model.value, tool: { partialImages: 2 }, ...(tools.length > 0 && { tools }) }),
    },
    isJob: isJob.value,
  };
  function send(): void {
    if (!fields || isBusy || isWaiting || message.value.trim() === "") return;
    turns.value = [...turns.value, Turn.say(connect(fields), endpoint, ask)];
    message.value = "";
  }

  return (
    <section id="talk" aria-label="Talk">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys scroll what has the focus. */}
      <ol aria-label="Conversation" aria-live="polite" tabIndex={0}>
        {turns.value.map((turn, index) => (
          <Said key={index} turn={turn} isLast={turn === last} onAgain={() => (message.value = turn.said)} />
        ))}
      </ol>
      {job.value && !job.value.id && !isBusy && (
        <p class="tools">
          <small>
            “{job.value.said}” was sent to {job.value.endpoint}, but the page was closed before the service returned an ID. The response may still run
            and be billed. It cannot be followed from here.
          </small>
          <button type="button" class="secondary" onClick={() => (message.value = job.value?.said ?? "")}>
            Copy to message
          </button>
          <button type="button" class="secondary" onClick={() => forgetJob(undefined)}>
            Dismiss
          </button>
        </p>
      )}
      {job.value?.id && !isBusy && !isWaiting && (
        <p class="tools">
          <small>
            “{job.value.said}” goes on in the background at {job.value.endpoint}.
          </small>
          <button type="button" class="secondary" onClick={follow}>
            Follow it
          </button>
        </p>
      )}
      <form
        class="say"
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          // Else it would make a picture of the form beside it.
          event.stopPropagation();
          if (!event.repeat) event.currentTarget.requestSubmit();
        }}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <label class="field">
          Say
          <textarea
            rows={2}
            value={message.value}
            placeholder="Draw a lighthouse in the colors of this page. Then: edit it, at night."
            onInput={({ currentTarget }) => (message.value = currentTarget.value)}
          />
        </label>
        <div class="tools">
          <label>
            To the
            <select value={isAgent.value ? "agent" : "model"} onChange={({ currentTarget }) => (isAgent.value = currentTarget.value === "agent")}>
              <option value="model">model</option>
              <option value="agent">agent</option>
            </select>
          </label>
          <label>
            named
            <input
              value={(isAgent.value ? agent : model).value}
              spellcheck={false}
              onInput={({ currentTarget }) => ((isAgent.value ? agent : model).value = currentTarget.value)}
            />
          </label>
          <label class="check">
            <input type="checkbox" checked={isJob.value} onChange={({ currentTarget }) => (isJob.value = currentTarget.checked)} />
            In the background: a reload does not end it
          </label>
          <button type="submit" class="primary" aria-disabled={isBusy || isWaiting} aria-describedby="send-note">
            Send
          </button>
          <button type="button" class="secondary" aria-disabled={!isBusy} onClick={() => isBusy && last.cancel()}>
            Stop
          </button>
          <button
            type="button"
            class="secondary"
            disabled={isBusy || turns.value.length === 0}
            onClick={() => {
              last?.abandon();
              turns.value = [];
            }}
          >
            New conversation
          </button>
          <small id="send-note">{isWaiting && "Approve or deny the call above before you send another message."}</small>
        </div>
        <ToolChoice isAgent={isAgent.value} isJob={isJob.value} />
        {isAgent.value && fields && <MakeAgent client={connect(fields)} name={agent.value} model={model.value} />}
      </form>
      {fields && <Code program={() => responseProgram(fields, ask)} plain={(endpoint) => responseRequest(endpoint, fields, ask)} />}
    </section>
  );
}
