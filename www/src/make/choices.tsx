import type { ComponentChildren } from "preact";
import { advice } from "./advice.js";
import type { Option } from "./options.js";

/** The values of an option that are shown: the rare ones where the model takes them instead of the others. */
export function valuesOf({ name, values, rare = [] }: Option): string[] {
  const isForbidden = (value: string) => advice.value.forbidden.has(`${name}=${value}`);
  return values.some(isForbidden) ? [...values, ...rare.filter((value) => !isForbidden(value))] : [...values];
}

/** Buttons in a row, of which one is pressed. What the model does not take cannot be, and the reason is told below. */
export function Choices({ option, children }: { option: Option; children?: (value: string) => ComponentChildren }) {
  const { forbidden } = advice.value;
  const values = valuesOf(option);
  return (
    <fieldset>
      <legend>{option.label}</legend>
      <div class="choices">
        {values.map((value) => (
          <label key={value} title={forbidden.get(`${option.name}=${value}`)}>
            <input
              type="radio"
              name={option.name}
              value={value}
              defaultChecked={value === option.initial}
              disabled={forbidden.has(`${option.name}=${value}`)}
            />
            {children ? children(value) : words(value)}
          </label>
        ))}
      </div>
      <Why option={option} />
    </fieldset>
  );
}

/** Why some values of an option cannot be chosen: each reason once. */
export function Why({ option: { name, values } }: { option: Option }) {
  const { forbidden } = advice.value;
  const reasons = new Set(values.flatMap((value) => forbidden.get(`${name}=${value}`) ?? []));
  return reasons.size === 0 ? null : <small>{[...reasons].join(" ")}</small>;
}

/** A value as a person reads it. */
export function words(value: string): string {
  return { png: "PNG", jpeg: "JPEG", webp: "WebP", hd: "HD" }[value] ?? value.charAt(0).toUpperCase() + value.slice(1);
}
