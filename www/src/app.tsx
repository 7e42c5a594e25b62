import icon from "../favicon.svg";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Calls } from "./call/calls.js";
import { PictureCall } from "./call/picture-call.js";
import { Stage } from "./call/stage.js";
import { Code } from "./code/code.js";
import { imageRequest } from "./code/plain.js";
import { imageProgram } from "./code/typescript.js";
import { connect } from "./connection/client.js";
import { Connection } from "./connection/connection.js";
import { chosen } from "./connection/profiles.js";
import { InputPictures } from "./edit/input-pictures.js";
import { inputs, mask } from "./edit/sources.js";
import { History } from "./history/history.js";
import { history, readHistory } from "./history/database.js";
import { ask } from "./make/advice.js";
import { Choices, words } from "./make/choices.js";
import { Cost } from "./make/cost.js";
import { findModel, offerOf } from "./make/models.js";
import { BACKGROUND, FORMAT, initialOf, isOffered, MODERATION, OPTIONS, PREVIEWS, QUALITY } from "./make/options.js";
import { FIRST_PROMPT, Prompt } from "./make/prompt.js";
import { modelOf, readWish } from "./make/request.js";
import { ServiceOptions } from "./make/service-options.js";
import { shown } from "./meter/event-log.js";
import { Meter } from "./meter/meter.js";
import { Size } from "./make/size.js";
import { Talk } from "./talk/talk.js";

type View = "stage" | "talk" | "history" | "meter";

export function App() {
  const form = useRef<HTMLFormElement>(null);
  const [fields, setFields] = useState<FormData>();
  const [prompt, setPrompt] = useState(FIRST_PROMPT);
  const [otherSize, setOtherSize] = useState("2048x1152");
  const [calls, setCalls] = useState<readonly PictureCall[]>([]);
  const [selected, setSelected] = useState<PictureCall>();
  const [view, setView] = useState<View>("stage");
  /** The last request and its calls. State would lag behind a second event in the same frame. */
  const latest = useRef<{ asked: readonly unknown[]; calls: readonly PictureCall[] }>({ asked: [], calls: [] });
  const running = calls.filter((call) => !call.isOver);
  // Read in every render, because a chosen profile fills the form.
  const profile = chosen.value;
  const model = fields ? modelOf(fields) : findModel(profile.model || profile.deployment);
  const isEdit = model.inputs > 0 && inputs.value.length > 0;
  const offer = offerOf(model, isEdit);

  const read = () => form.current && setFields(new FormData(form.current));
  useEffect(() => {
    if (!fields) return;
    void ask(fields, readWish(fields));
  }, [fields, inputs.value, mask.value]);
  useEffect(() => {
    if (!form.current) return;
    for (const option of OPTIONS) {
      const radios = form.current.elements.namedItem(option.name);
      // The chosen value is not offered any more.
      if (radios instanceof RadioNodeList && radios.value === "") radios.value = initialOf(option, offer);
    }
    // Rendering adds and removes fields, which causes no input event.
    if (!fields || stateOf(new FormData(form.current)) !== stateOf(fields)) read();
  });

  useEffect(() => void readHistory(), []);

  function generate(): void {
    if (!form.current) return;
    const fields = new FormData(form.current);
    // Each call is billed, so a second click does not repeat a running request.
    const asked = [stateOf(fields), ...inputs.value.map(({ blob }) => blob), mask.value?.blob];
    const isAsked = latest.current.calls.some((call) => !call.isOver) && isSame(asked, latest.current.asked);
    setView("stage");
    if (isAsked) return setSelected(latest.current.calls[0]);
    const wish = readWish(fields);
    const client = connect(fields);
    // Each a call of its own, so that one can be cancelled, or tried again, without the others.
    const made = Array.from({ length: wish.count }, () => new PictureCall(client, wish));
    latest.current = { asked, calls: made };
    setCalls((calls) => [...made.toReversed(), ...calls]);
    setSelected(made[0]);
    document.getElementById("stage")?.scrollIntoView({ block: "nearest" });
  }

  const cancelAll = () => {
    for (const call of running) call.cancel();
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      // A key that is held down is one wish. The keys of a window that lies above, and of a field elsewhere, are their own.
      const isElsewhere = event.target instanceof HTMLInputElement && !form.current?.contains(event.target);
      if (event.repeat || event.isComposing || isElsewhere || document.querySelector("dialog[open]")) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit();
      if (event.key === "Escape") cancelAll();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  });
  useEffect(() => {
    // What is being made is paid for, and lost with the page.
    const leave = (event: BeforeUnloadEvent) => event.preventDefault();
    if (running.length > 0) addEventListener("beforeunload", leave);
    return () => removeEventListener("beforeunload", leave);
  }, [running.length]);
  const cancelButton = useRef<HTMLButtonElement>(null);
  const generateButton = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    // A button that is disabled would take the focus along.
    if (running.length === 0 && document.activeElement === cancelButton.current) generateButton.current?.focus();
  }, [running.length]);

  const wish = fields && readWish(fields);
  const hasMore = [FORMAT, BACKGROUND, MODERATION].some((option) => isOffered(option, offer)) || Object.keys(offer.options).length > 0;
  const views: Record<View, string> = { stage: "Picture", talk: "Talk", history: `History (${history.value.length})`, meter: "Under the hood" };
  return (
    <main>
      <div class="desk">
        <header>
          <h1>
            <img src={icon} alt="" width={28} height={28} /> azure-image-client
          </h1>
          <p>Make pictures on Azure from a web page, and watch them develop.</p>
        </header>
        <form
          id="request"
          autocomplete="off"
          ref={form}
          onInput={read}
          onInvalidCapture={(event) => {
            // What is wrong is shown, where it is folded away.
            if (event.target instanceof Element) event.target.closest("details")?.setAttribute("open", "");
          }}
          onKeyDown={(event) => {
            // A field that is left by Enter is no wish for a picture, which costs.
            if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
          }}
          onSubmit={(event) => {
            event.preventDefault();
            generate();
          }}
        >
          <Prompt prompt={prompt} onPrompt={setPrompt} />
          <InputPictures model={model} />
          <Size fields={fields} offer={offer} otherSize={otherSize} onOtherSize={setOtherSize} />
          <Choices option={QUALITY} offer={offer} />
          <div class="pair">
            <Choices option={PREVIEWS} offer={offer}>
              {(value) => value}
            </Choices>
            <label class="field">
              Pictures
              <input name="count" type="number" min={1} max={10} defaultValue="1" required />
            </label>
          </div>
          {hasMore && (
            <details>
              <summary>
                <span>More options</span>
              </summary>
              <div class="options">
                <Choices option={FORMAT} offer={offer} />
                {wish?.request.outputFormat && offer.outputCompression && (
                  <label class="field">
                    Compression, 0 to 100
                    <input name="outputCompression" type="number" min={0} max={100} defaultValue="85" required />
                  </label>
                )}
                <Choices option={BACKGROUND} offer={offer} />
                <Choices option={MODERATION} offer={offer}>
                  {(value) => (value === "low" ? "Less strict" : words(value))}
                </Choices>
                <ServiceOptions offer={offer} />
              </div>
            </details>
          )}
          <Connection fields={fields} />
          {fields && wish && <Code program={() => imageProgram(fields, wish)} plain={(endpoint) => imageRequest(endpoint, fields, wish)} />}
          <div class="actions">
            <Cost />
            <button
              id="generate"
              type="submit"
              aria-keyshortcuts="Control+Enter Meta+Enter"
              ref={generateButton}
              onClick={(event) => {
                // The second click of a double click comes too late if the first call has already failed or finished.
                if (event.detail > 1) event.preventDefault();
              }}
            >
              Generate{" "}
              <span class="key" aria-hidden="true">
                Ctrl ↵
              </span>
            </button>
            <button id="cancel" type="button" aria-keyshortcuts="Escape" disabled={running.length === 0} onClick={cancelAll} ref={cancelButton}>
              {running.length > 1 ? `Cancel all ${running.length}` : "Cancel"}{" "}
              <span class="key" aria-hidden="true">
                Esc
              </span>
            </button>
          </div>
        </form>
      </div>
      <div class="table">
        <nav class="choices" aria-label="View">
          {Object.entries(views).map(([name, label]) => (
            <button key={name} type="button" aria-pressed={view === name} onClick={() => setView(name as View)}>
              {label}
            </button>
          ))}
        </nav>
        {view === "talk" && <Talk fields={fields} />}
        {view === "history" && <History />}
        {view === "meter" && <Meter />}
        <div class="bench" hidden={view !== "stage"}>
          <Stage
            call={selected}
            empty={wish?.request}
            onAgain={() => {
              // What was pressed goes away.
              generateButton.current?.focus();
              if (form.current) void selected?.start(connect(new FormData(form.current)));
            }}
          />
          <Calls
            calls={calls}
            selected={selected}
            onSelect={(call) => {
              setSelected(call);
              shown.value = call.log;
            }}
          />
        </div>
      </div>
    </main>
  );
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

function stateOf(fields: FormData): string {
  return JSON.stringify([...fields]);
}
