import { useState } from "preact/hooks";
import { advice, nearestSize } from "./advice.js";
import type { Offer } from "./models.js";
import { initialOf, SIZE } from "./options.js";

/** Width for a height of 1. */
const RATIOS: Record<string, number> = {
  "1:1": 1,
  "3:2": 3 / 2,
  "4:3": 4 / 3,
  "16:9": 16 / 9,
  "21:9": 21 / 9,
  "2:3": 2 / 3,
  "3:4": 3 / 4,
  "9:16": 9 / 16,
};
/** In pixels. */
const LONG_EDGES = [1024, 1536, 2048, 3840];

/** Presets, and any other size that the model has, which is put right where the model does not take it. */
export function Size({
  fields,
  offer,
  otherSize,
  onOtherSize,
}: {
  fields: FormData | undefined;
  offer: Offer;
  otherSize: string;
  onOtherSize: (size: string) => void;
}) {
  const { problems } = advice.value;
  const [ratio, setRatio] = useState("16:9");
  const [longEdge, setLongEdge] = useState(2048);
  const pick = async (ratio: string, longEdge: number) => {
    setRatio(ratio);
    setLongEdge(longEdge);
    const width = longEdge * Math.min(1, RATIOS[ratio] ?? 1);
    const size = `${Math.round(width)}x${Math.round(width / (RATIOS[ratio] ?? 1))}`;
    // What is not legal for the model is put right at once: nobody chose these very pixels.
    onOtherSize(fields ? await nearestSize(fields, size).catch(() => size) : size);
  };
  const problem = problems.find(({ param, suggestion }) => param === "size" && suggestion);
  if (offer.size.length === 0) return null;
  const initial = initialOf(SIZE, offer);
  return (
    <fieldset class="sizes" disabled={fields?.has("autoAspectRatio")}>
      <legend>Size</legend>
      <div class="choices">
        {offer.size.map((value) => (
          <label key={value}>
            <input type="radio" name="size" value={value} defaultChecked={value === initial} />
            <span class={`shape ${shape(value)}`} />
            {{ square: "Square", wide: "Wide", tall: "Tall" }[shape(value)] ?? "Auto"}
            {value !== "auto" && <small>{value.replace("x", "×")}</small>}
          </label>
        ))}
        {offer.otherSizes && (
          <label key="other">
            <input type="radio" name="size" value="other" />
            <span class="shape free" />
            Other
          </label>
        )}
      </div>
      <div class="other">
        <label class="field">
          Ratio
          <select value={ratio} onChange={({ currentTarget }) => void pick(currentTarget.value, longEdge)}>
            {Object.keys(RATIOS).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label class="field">
          Long edge
          <select value={longEdge} onChange={({ currentTarget }) => void pick(ratio, Number(currentTarget.value))}>
            {LONG_EDGES.map((edge) => (
              <option key={edge}>{edge}</option>
            ))}
          </select>
        </label>
        <label class="field">
          Width x height
          <input name="otherSize" value={otherSize} spellcheck={false} onInput={(event) => onOtherSize(event.currentTarget.value)} />
        </label>
        {problem?.suggestion && (
          <small>
            {problem.message}{" "}
            <button type="button" class="plain" onClick={() => onOtherSize(problem.suggestion ?? otherSize)}>
              Use {problem.suggestion}
            </button>
          </small>
        )}
      </div>
    </fieldset>
  );
}

function shape(size: string): string {
  const [width = 0, height = 0] = size.split("x").map(Number);
  if (!width || !height) return "";
  return width === height ? "square" : width > height ? "wide" : "tall";
}
