/** A value that a model or a tool has written: a flat object as a list of its properties, anything else as text. */
export function Values({ value }: { value: unknown }) {
  const parsed = parse(value);
  if (!isFlat(parsed)) return <pre>{typeof parsed === "string" ? parsed : JSON.stringify(parsed, undefined, 2)}</pre>;
  return (
    <dl>
      {Object.entries(parsed).map(([name, property]) => (
        <Property key={name} name={name} value={String(property)} />
      ))}
    </dl>
  );
}

function Property({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {/^#[0-9a-f]{6}$/i.test(value) && <span class="swatch" aria-hidden="true" style={{ backgroundColor: value }} />}
        {value}
      </dd>
    </>
  );
}

/** Reads JSON in a string. */
function parse(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function isFlat(value: unknown): value is Record<string, string | number | boolean | null> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const properties = Object.values(value);
  return properties.length > 0 && properties.every((property) => property === null || typeof property !== "object");
}
