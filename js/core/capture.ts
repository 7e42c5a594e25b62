// Captures the arguments of calls whose code loads later, because the page may change its objects right after a call.

import { classOf, hold, holdUrl } from "../images/held.js";
import { GeneratedImage } from "./image.js";
import { isLiteral, member, own } from "./own.js";

/** Maximum number of copied objects. Accessors can create objects without end. */
const MAX_OBJECTS = 1_000_000;

/** Properties whose string can be an object URL. Other strings are text. */
const IMAGE_NAMES = ["image", "mask", "inputImageMask", "screenshot", "file"];

/** Captures an image. */
export function captureImage(image: unknown): unknown {
  return capture({ image }).image;
}

/** An object whose properties are still to be copied. */
interface Open {
  original: object;
  copy: object;
  /** Its own properties, and the accessors of its classes. A copy lacks the private members that they may need. */
  names: string[];
  accessors: string[];
  /** True for the result of a `toJSON`. */
  isJson: boolean;
}

/**
 * Copies plain objects and lists at every level, and holds the images in them. Reads each property once; if that throws, the property of
 * the copy throws the same. Objects of the browser and of the language stay.
 */
export function capture<Value>(value: Value): Value {
  const copies = new Map<object, unknown>();
  const open: Open[] = [];
  const copyOf = (part: unknown, name: string, isJson = false): unknown => {
    if (typeof part === "string") return IMAGE_NAMES.includes(name) ? holdUrl(part) : part;
    // A copy of a signal would not be aborted.
    if (typeof part !== "object" || part === null || name === "abortSignal" || copies.size > MAX_OBJECTS) return part;
    if (!copies.has(part)) copies.set(part, begin(part, isJson, open));
    return copies.get(part);
  };
  const result = copyOf(value, "") as Value;
  for (const { original, copy, names, accessors, isJson } of open) {
    for (const name of names) keep(copy, name, true, () => copyOf(Reflect.get(original, name), name));
    for (const name of accessors) keep(copy, name, false, () => copyOf(Reflect.get(original, name), name));
    if (!isJson && hasJson(original)) {
      keep(copy, "toJSON", names.includes("toJSON"), () => {
        const json = copyOf((original as { toJSON(name: string): unknown }).toJSON(""), "", true);
        return () => json;
      });
    }
  }
  return result;
}

/** Begins the copy of an object. One that cannot be read stays, and its user reports why. */
function begin(original: object, isJson: boolean, open: Open[]): unknown {
  try {
    const kind = classOf(original);
    const held = hold(original, kind);
    const isOpen = (kind === "Object" && !(original instanceof GeneratedImage)) || Array.isArray(original);
    if (held !== original || !isOpen) return held;
    const copy = Array.isArray(original) ? new Array(original.length) : Object.create(Object.getPrototypeOf(original));
    open.push({ original, copy, names: Object.keys(original), accessors: accessorsOf(original), isJson });
    return copy;
  } catch {
    return original;
  }
}

function accessorsOf(object: object): string[] {
  const names = new Set<string>();
  for (let owner = object; !isLiteral(owner); ) {
    owner = Object.getPrototypeOf(owner);
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(owner))) if (Object.hasOwn(descriptor, "get")) names.add(name);
  }
  return [...names].filter((name) => !Object.hasOwn(object, name));
}

function hasJson(object: object): boolean {
  try {
    return typeof member(object, "toJSON") === "function";
  } catch {
    // The copy throws, too.
    return false;
  }
}

/** Defines a property with its present value, or one that throws the present error. */
function keep(copy: object, name: string, enumerable: boolean, read: () => unknown): void {
  let part: PropertyDescriptor;
  try {
    part = { value: read(), writable: true };
  } catch (cause) {
    const fail = () => {
      throw cause;
    };
    part = { get: fail };
  }
  Object.defineProperty(copy, name, own({ ...part, enumerable, configurable: true }));
}
