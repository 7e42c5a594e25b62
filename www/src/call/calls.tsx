import type { PictureCall } from "./picture-call.js";

const MARKS = { running: "being made", waiting: "waiting", finished: "finished", failed: "failed", cancelled: "cancelled" };

/** Every call of this visit, the newest first; one of them is on the stage. */
export function Calls({
  calls,
  selected,
  onSelect,
}: {
  calls: readonly PictureCall[];
  selected: PictureCall | undefined;
  onSelect: (call: PictureCall) => void;
}) {
  if (calls.length < 2) return null;
  return (
    <ol id="calls" aria-label="Pictures of this visit">
      {calls.map((call) => {
        const image = call.picture.value;
        return (
          <li key={call.number} data-state={call.state.value}>
            <button type="button" aria-pressed={call === selected} onClick={() => onSelect(call)}>
              <span class="thumbnail">{image && <img src={image.objectUrl} alt="" />}</span>
              <span class="label">
                {call.number}: {MARKS[call.state.value]}
              </span>
            </button>
            {!call.isOver && (
              <button
                type="button"
                class="plain"
                aria-label={`Cancel picture ${call.number}`}
                onClick={({ currentTarget }) => {
                  // What was pressed goes away.
                  currentTarget.closest("li")?.querySelector("button")?.focus();
                  call.cancel();
                }}
              >
                Cancel
              </button>
            )}
          </li>
        );
      })}
    </ol>
  );
}
