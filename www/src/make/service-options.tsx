import type { Offer, ServiceOption, Values } from "./models.js";

const LABELS: Readonly<Record<ServiceOption, string>> = {
  aspectRatio: "Aspect ratio",
  autoAspectRatio: "Let the model choose the size",
  guidance: "Guidance",
  promptUpsampling: "Extend the prompt",
  safetyTolerance: "Safety tolerance",
  seed: "Seed",
  steps: "Steps",
  webGrounding: "Search the web (slow)",
};

/** The fields for the options that only some services have. Empty fields are not sent. */
export function ServiceOptions({ offer }: { offer: Offer }) {
  const options = Object.keys(offer.options) as ServiceOption[];
  const values = options.flatMap((name) => {
    const setting = offer.options[name];
    return setting === undefined || setting === "switch" ? [] : [<Field key={name} name={name} values={setting} />];
  });
  return (
    <>
      {values.length > 0 && <div class="pair">{values}</div>}
      {options.map(
        (name) =>
          offer.options[name] === "switch" && (
            <label key={name} class="consent">
              <input type="checkbox" name={name} />
              {LABELS[name]}
            </label>
          ),
      )}
    </>
  );
}

function Field({ name, values }: { name: ServiceOption; values: Values }) {
  return (
    <div class="field">
      <label for={name}>{LABELS[name]}</label>
      {"min" in values ? (
        <input
          id={name}
          name={name}
          type="number"
          min={values.min}
          max={values.max}
          step={values.step}
          // A seed can be any number.
          placeholder={name === "seed" ? "Default" : `${values.min} to ${values.max}`}
        />
      ) : (
        <select id={name} name={name}>
          <option value="">Default</option>
          {values.map((value) => (
            <option key={value}>{value}</option>
          ))}
        </select>
      )}
    </div>
  );
}
