import { dateOf } from "../core/date.js";
import { isObject, type Members } from "../core/snapshot.js";

// Property names are in camelCase for the page and in snake_case for the service.

/** Renames the properties of an object, not those of nested objects. */
function rename(object: Members, name: (member: string) => string): Members {
  return Object.fromEntries(Object.entries(object).map(([member, value]) => [name(member), value]));
}

/** `topP` → `top_p`. Names in snake_case stay. */
export function toWire(object: Members): Members {
  return rename(object, (member) => member.replace(/(?!^)[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** Properties that contain names of the page or the model. */
const OPAQUE = new Set(["attributes", "arguments", "env"]);

/** As {@link fromWire}, at every level. */
export function fromWireDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromWireDeep);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(fromWire(value)).map(([name, part]) => [name, OPAQUE.has(name) ? part : fromWireDeep(part)]));
}

/** `first_id` → `firstId`. `created_at`, in seconds since 1970, → `createdOn`, a `Date`. Keeps unknown properties. */
export function fromWire(object: Members): Members {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      const isDate = name.endsWith("_at") && (typeof value === "number" || value === null);
      const camelCase = (isDate ? name.replace(/_at$/, "_on") : name).replace(/(?!^)_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
      return [camelCase === "filename" ? "fileName" : camelCase, isDate && typeof value === "number" ? dateOf(value) : value];
    }),
  );
}
