/** Creates arguments that match a JSON schema. Values come from the prompt if possible. The same prompt gives the same arguments. */

import type { JsonObject } from "../scenario/alterations.js";
import { fitNumber } from "./numbers.js";
import { fitString, suggestedString } from "./strings.js";

/** Limits for schemas that refer to themselves or ask for very long lists. */
const DEEPEST = 8;
const MOST_ITEMS = 100;
const MOST_SCHEMAS = 5000;

/** The position of a value. */
interface Place {
  /** The name of the property that has the value. */
  readonly name: string;
  /** The index in a list, so that items differ. */
  readonly index: number;
  readonly depth: number;
}

const objectOf = (value: unknown) => Object(value) as JsonObject;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Returns true if a prompt contains a value as whole words. */
function mentions(prompt: string, value: unknown): boolean {
  if (typeof value !== "string" || value === "") return false;
  const words = (each: string) =>
    ` ${each
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .join(" ")} `;
  return words(prompt).includes(words(value));
}

/** The type of a schema, or the one that its keywords imply. */
function typeOf({ type, properties, items, prefixItems, minimum, maximum }: JsonObject): unknown {
  const [first] = [type].flat().filter((each) => each !== "null");
  if (first !== undefined) return first;
  if (type !== undefined) return "null";
  if (properties !== undefined) return "object";
  if (items !== undefined || prefixItems !== undefined) return "array";
  return minimum === undefined && maximum === undefined ? "string" : "number";
}

class ArgumentWriter {
  readonly #schema: JsonObject;
  readonly #prompt: string;
  /** The remaining number of schemas to resolve. */
  #left = MOST_SCHEMAS;

  constructor(schema: JsonObject, prompt: string) {
    this.#schema = schema;
    this.#prompt = prompt;
  }

  write(): unknown {
    return this.#object(this.#resolve(this.#schema, 0), { name: "", index: 0, depth: 0 });
  }

  #find(reference: string): unknown {
    const keys = reference.replace(/^#\/?/, "").split("/");
    const decoded = keys.map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    return decoded[0] === "" ? this.#schema : decoded.reduce<unknown>((value, key) => objectOf(value)[key], this.#schema);
  }

  /** Returns a schema without references and alternatives. */
  #resolve(schema: unknown, depth: number): JsonObject {
    let rule = objectOf(schema);
    while (this.#left-- > 0) {
      const { $ref, allOf, anyOf, oneOf, ...others } = rule;
      const alternatives = [...listOf(anyOf), ...listOf(oneOf)].map(objectOf);
      if (typeof $ref === "string") rule = { ...objectOf(this.#find($ref)), ...others };
      else if (allOf !== undefined) rule = this.#mergeAll(listOf(allOf), others, depth);
      else if (alternatives.length > 0) rule = merge(others, this.#choose(alternatives, depth));
      else break;
    }
    return rule;
  }

  #mergeAll(parts: readonly unknown[], others: JsonObject, depth: number): JsonObject {
    return depth > DEEPEST ? others : parts.map((part) => this.#resolve(part, depth + 1)).reduce(merge, others);
  }

  /** Deep inside, null ends a schema that refers to itself. */
  #choose(alternatives: readonly JsonObject[], depth: number): JsonObject {
    const isNull = ({ type }: JsonObject) => type === "null";
    return alternatives.find((each) => isNull(each) === depth > DEEPEST) ?? (alternatives[0] as JsonObject);
  }

  /** The value that the prompt suggests. */
  #suggestion(rule: JsonObject, name: string): string | undefined {
    const values = rule["enum"];
    if (values !== undefined) return listOf(values).find((value): value is string => mentions(this.#prompt, value));
    return typeOf(rule) === "string" ? suggestedString(rule, name, this.#prompt) : undefined;
  }

  #value(schema: unknown, place: Place): unknown {
    const rule = this.#resolve(schema, place.depth);
    if (Object.hasOwn(rule, "const")) return rule["const"];
    const values = listOf(rule["enum"]);
    const suggestion = this.#suggestion(rule, place.name);
    if (values.length > 0) {
      const first = Math.max(0, values.indexOf(suggestion ?? rule["default"]));
      return values[(first + place.index) % values.length];
    }
    if (suggestion === undefined && Object.hasOwn(rule, "default")) return rule["default"];
    switch (typeOf(rule)) {
      case "object":
        return this.#object(rule, place);
      case "array":
        return this.#array(rule, place);
      case "integer":
      case "number":
        return fitNumber(rule, { integer: typeOf(rule) === "integer", index: place.index, prompt: this.#prompt });
      case "boolean":
        return true;
      case "null":
        return null;
      default:
        return fitString(rule, { ...place, suggestion, prompt: this.#prompt });
    }
  }

  #object(rule: JsonObject, { depth }: Place): JsonObject {
    if (depth > DEEPEST) return {};
    const properties = objectOf(rule["properties"]);
    const required = listOf(rule["required"]).map(String);
    const least = Number(rule["minProperties"] ?? 0);
    const wanted = Object.keys(properties).filter(
      (name) => required.includes(name) || this.#suggestion(this.#resolve(properties[name], depth), name) !== undefined,
    );
    const names = new Set([...wanted, ...required]);
    for (const name of Object.keys(properties)) if (names.size < least) names.add(name);
    return Object.fromEntries(
      [...names].map((name) => [
        name,
        this.#value(Object.hasOwn(properties, name) ? properties[name] : rule["additionalProperties"], { name, index: 0, depth: depth + 1 }),
      ]),
    );
  }

  #array(rule: JsonObject, { name, depth }: Place): readonly unknown[] {
    const prefix = listOf(rule["prefixItems"]);
    const least = Math.max(Number(rule["minItems"] ?? 0), prefix.length, depth < DEEPEST ? 1 : 0);
    const length = Math.min(least, Number(rule["maxItems"] ?? MOST_ITEMS), MOST_ITEMS);
    return Array.from({ length }, (_, index) => this.#value(prefix[index] ?? rule["items"], { name, index, depth: depth + 1 }));
  }
}

function merge(one: JsonObject, other: JsonObject): JsonObject {
  return {
    ...one,
    ...other,
    ...(one["properties"] && other["properties"] ? { properties: { ...objectOf(one["properties"]), ...objectOf(other["properties"]) } } : {}),
    ...(one["required"] && other["required"] ? { required: [...listOf(one["required"]), ...listOf(other["required"])] } : {}),
  };
}

/** Returns the JSON of arguments for a schema. */
export function argumentsFor(schema: unknown, prompt: string): string {
  return JSON.stringify(new ArgumentWriter(objectOf(schema), prompt).write());
}
