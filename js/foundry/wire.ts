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

/** `created_at` → `createdAt`; what the service may add some day comes along. */
export function fromWire(object: Members): Members {
  return rename(object, (member) => member.replace(/(?!^)_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));
}
