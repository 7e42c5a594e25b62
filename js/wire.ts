/** Names of members: camelCase for the page, snake_case for the service. */

/** A JSON object of the service. */
export type WireObject = Record<string, unknown>;

/** Whether a value is an object with members, and not an array. */
export function isObject(value: unknown): value is WireObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Renames the members of an object, but not of what is in them. */
function rename(object: WireObject, name: (member: string) => string): WireObject {
  return Object.fromEntries(Object.entries(object).map(([member, value]) => [name(member), value]));
}

/** `topP` → `top_p`; what is written so already stays. */
export function toWire(object: WireObject): WireObject {
  return rename(object, (member) => member.replace(/(?!^)[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** `created_at` → `createdAt`; what the service may add some day comes along. */
export function fromWire(object: WireObject): WireObject {
  return rename(object, (member) => member.replace(/(?!^)_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));
}
