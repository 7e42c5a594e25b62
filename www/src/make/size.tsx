import { advice } from "./advice.js";
import { valuesOf, Why } from "./choices.js";
import { SIZE } from "./options.js";

const NAMES: Record<string, string> = { auto: "Auto", "1024x1024": "Square", "1536x1024": "Wide", "1024x1536": "Tall" };
/** What the larger models take besides. */
const MORE = ["2048x2048", "2048x1152", "1152x2048", "3840x2160", "2160x3840"];

/** Presets, and a size of the person's own, which is put right where the model does not take it. */
export function Size({ otherSize, onOtherSize }: { otherSize: string; onOtherSize: (size: string) => void }) {
  const { forbidden, problems } = advice.value;
  const problem = problems.find(({ param, suggestion }) => param === "size" && suggestion);
  return (
    <fieldset class="sizes">
      <legend>Size</legend>
      <div class="choices">
        {valuesOf(SIZE).map((value) => (
          <label key={value} title={forbidden.get(`size=${value}`)}>
            <input type="radio" name="size" value={value} defaultChecked={value === SIZE.initial} disabled={forbidden.has(`size=${value}`)} />
            <span class={`shape ${shape(value)}`} />
            {NAMES[value] ?? value.replace("x", "×")}
            {NAMES[value] && value !== "auto" && <small>{value.replace("x", "×")}</small>}
          </label>
        ))}
        <label>
          <input type="radio" name="size" value="other" />
          <span class="shape free" />
          Other
        </label>
      </div>
      <Why option={SIZE} />
      <label class="field other">
        Width x height
        <input name="otherSize" value={otherSize} list="more-sizes" spellcheck={false} onInput={(event) => onOtherSize(event.currentTarget.value)} />
        <datalist id="more-sizes">
          {MORE.map((size) => (
            <option key={size} value={size} />
          ))}
        </datalist>
        {problem?.suggestion && (
          <small>
            {problem.message}{" "}
            <button type="button" class="plain" onClick={() => onOtherSize(problem.suggestion ?? otherSize)}>
              Use {problem.suggestion}
            </button>
          </small>
        )}
      </label>
    </fieldset>
  );
}

function shape(size: string): string {
  const [width = 0, height = 0] = size.split("x").map(Number);
  if (!width || !height) return "";
  return width === height ? "square" : width > height ? "wide" : "tall";
}
