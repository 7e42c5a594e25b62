import { count, fileSize, seconds } from "../call/words.js";
import { shown } from "./event-log.js";
import { longestMs, objectUrls, wasmBytes } from "./measures.js";

/** What goes on behind a picture: its events as they came, and what they cost this page. */
export function Meter() {
  const events = shown.value?.events.value ?? [];
  return (
    <section id="meter" aria-label="Under the hood">
      <dl>
        <dt>Longest time without an answer to a click</dt>
        <dd>{longestMs.value < 1 ? "–" : `${Math.round(longestMs.value)} ms`}</dd>
        <dt>Memory of the WebAssembly</dt>
        <dd>{wasmBytes.value === 0 ? "not loaded" : fileSize(wasmBytes.value)}</dd>
        <dt>Object URLs alive</dt>
        <dd>{objectUrls.value}</dd>
        <dt>Request</dt>
        <dd>{shown.value?.requestId.value ?? "not known: the service must let the page read it"}</dd>
      </dl>
      <p>
        <small>
          The longest time counts all that kept this page busy, the browser's own drawing and other work of this computer included, not the library
          alone.
        </small>
      </p>
      <table>
        <caption>Events of the call that was begun or looked at last</caption>
        <thead>
          <tr>
            <th scope="col">After</th>
            <th scope="col">What</th>
            <th scope="col">Bytes so far</th>
            <th scope="col">Bytes of the picture</th>
          </tr>
        </thead>
        <tbody>
          {events.map(({ atMs, what, receivedBytes, byteLength }, index) => (
            <tr key={index}>
              <td>{seconds(atMs)}</td>
              <td>{what}</td>
              <td>{receivedBytes !== undefined && count(receivedBytes)}</td>
              <td>{byteLength !== undefined && count(byteLength)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
