import { dateOf } from "../core/date.js";
import type { Members } from "../core/snapshot.js";

// Names of members: camelCase for the page, snake_case for the service.

/** Renames the members of an object, but not of what is in them. */
function rename(object: Members, name: (member: string) => string): Members {
  return Object.fromEntries(Object.entries(object).map(([member, value]) => [name(member), value]));
}

/** `topP` → `top_p`; what is written so already stays. */
export function toWire(object: Members): Members {
  return rename(object, (member) => member.replace(/(?!^)[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** `first_id` → `firstId`, and `created_at`, in seconds since 1970, → `createdOn`, a `Date`. Unknown properties are kept. */
export function fromWire(object: Members): Members {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      const isDate = name.endsWith("_at") && (typeof value === "number" || value === null);
      const camelCase = (isDate ? name.replace(/_at$/, "_on") : name).replace(/(?!^)_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
      return [camelCase === "filename" ? "fileName" : camelCase, isDate && typeof value === "number" ? dateOf(value) : value];
    }),
  );
}
