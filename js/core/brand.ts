// A page can load two copies of the package, such as the inline entry in a library and another one in the app. `instanceof` accepts the
// instances of both.

import { own } from "./own.js";

/** Marks an instance. Neither a copy of its properties nor an object that inherits from it has the mark. */
export function brand(object: object, className: string): void {
  Object.defineProperty(object, markOf(className), own({ value: true, configurable: true }));
}

/** Makes `instanceof` accept the marked instances of every copy. A subclass accepts only its own instances. */
export function acceptEveryCopy(type: { prototype: object }, className: string): void {
  const mark = markOf(className);
  const hasInstance = function (this: unknown, value: unknown): boolean {
    if (this !== type) return Function.prototype[Symbol.hasInstance].call(this as () => void, value);
    return typeof value === "object" && value !== null && Object.hasOwn(value, mark);
  };
  Object.defineProperty(type, Symbol.hasInstance, own({ value: hasInstance, configurable: true }));
}

function markOf(className: string): symbol {
  return Symbol.for(`azure-image-client.${className}`);
}
