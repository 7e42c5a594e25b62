// Objects of a page inherit from Object.prototype, to which scripts sometimes add properties. None of them is an option or a result.

/** Copies the own enumerable properties of an object to an object that inherits nothing. */
export function own<Value extends object>(object: Value): Value {
  return { __proto__: null, ...object } as unknown as Value;
}

/** Defines properties. Assignments would call accessors that a page adds to `Object.prototype`. */
export function define(object: object, properties: object): void {
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(object, name, own({ value, enumerable: true, configurable: true, writable: true }));
  }
}

/** Reads a property of an object itself or of its class. */
export function member(object: unknown, name: string): unknown {
  for (let owner = object; isOwner(owner); owner = Object.getPrototypeOf(owner)) {
    if (owner !== object && isRoot(owner)) return undefined;
    if (Object.hasOwn(owner, name)) return Reflect.get(object as object, name);
  }
  return undefined;
}

function isOwner(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** True for an object without a class. */
export function isLiteral(object: object): boolean {
  const parent: object | null = Object.getPrototypeOf(object);
  return parent === null || isRoot(parent);
}

/** True for `Object.prototype` of any realm. */
function isRoot(object: object): boolean {
  return Object.getPrototypeOf(object) === null && Object.hasOwn(object, "hasOwnProperty");
}
