import type { ComponentChildren } from "preact";
import type { ToolCall } from "azure-image-client";
import { argumentsOf, logsOf, resultOf, titleOf } from "./call-words.js";
import { Picture } from "./picture.js";
import { Values } from "./values.js";

/** Longest result that is shown unfolded, in characters. */
const SHORT = 400;

/** A call of a tool: its arguments and its result. `output`: the output of a function of this page. */
export function Call({ call, output }: { call: ToolCall; output: unknown }) {
  const title = titleOf(call);
  const parameters = argumentsOf(call);
  const result = output ?? resultOf(call);
  const isShort = result !== undefined && JSON.stringify(result).length <= SHORT;
  return (
    <div class="call" role="group" aria-label={`Tool call: ${title}`}>
      <p>
        <b>{title}</b> <small>{call.status === "failed" ? "failed" : ""}</small>
      </p>
      {parameters !== undefined && <Values value={parameters} />}
      {call.code && (
        <Folded title="Code">
          <pre>{call.code}</pre>
        </Folded>
      )}
      {logsOf(call) && (
        <Folded title="Logs">
          <pre>{logsOf(call)}</pre>
        </Folded>
      )}
      {result !== undefined && (
        <Folded title="Result" isOpen={isShort}>
          <Values value={result} />
        </Folded>
      )}
      {call.images.map((image, index) => (
        <Picture key={index} image={image} words={`Image ${index + 1} of the ${title.toLowerCase()}`} />
      ))}
    </div>
  );
}

function Folded({ title, isOpen = false, children }: { title: string; isOpen?: boolean; children: ComponentChildren }) {
  return (
    <details open={isOpen}>
      <summary>
        <span>{title}</span>
      </summary>
      {children}
    </details>
  );
}
