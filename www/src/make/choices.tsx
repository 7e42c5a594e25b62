import type { ComponentChildren } from "preact";
import type { Offer } from "./models.js";
import { initialOf, isOffered, type Option } from "./options.js";

/** Buttons in a row, one of which is pressed. Absent if the model has nothing to choose. */
export function Choices({ option, offer, children }: { option: Option; offer: Offer; children?: (value: string) => ComponentChildren }) {
  if (!isOffered(option, offer)) return null;
  const initial = initialOf(option, offer);
  return (
    <fieldset>
      <legend>{option.label}</legend>
      <div class="choices">
        {offer[option.name].map((value) => (
          <label key={value}>
            <input type="radio" name={option.name} value={value} defaultChecked={value === initial} />
            {children ? children(value) : words(value)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** A value as a person reads it. */
export function words(value: string): string {
  return { png: "PNG", jpeg: "JPEG", webp: "WebP", hd: "HD", xhigh: "X-high" }[value] ?? value.charAt(0).toUpperCase() + value.slice(1);
}
