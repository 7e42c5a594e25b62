// Objects of a page inherit from Object.prototype, to which scripts sometimes add properties. None of them is an option or a result.

/** Copies the own enumerable properties of an object to an object that inherits nothing. */
export function own<Value extends object>(object: Value): Value {
  return { __proto__: null, ...object } as unknown as Value;
}

/**
 * The names of the set properties of an object, separated by commas.
 * @public for the engine, as are the next ones.
 */
export function setNames(object: Record<string, unknown>): string {
  return Object.keys(object)
    .filter((name) => isSet(object[name]))
    .join();
}

/** True if a property is set. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/**
 * Creates an object with the properties of `base`, those of a JSON object, and others. Each of the names ends with a comma.
 * @public
 */
export function record(base: object | undefined, json: string, names: string, values: unknown[]): object {
  const list = names.split(",");
  const properties: object = JSON.parse(json);
  return { ...base, ...properties, ...Object.fromEntries(values.map((value, index) => [list[index], value])) };
}

/**
 * Creates a Blob from parts and bytes of the engine, which are valid only during this call.
 * @public
 */
export function newBlob(parts: BlobPart[], bytes: Uint8Array<ArrayBuffer>, type: string): Blob {
  // Browsers also read inherited options.
  return new Blob([...parts, bytes], own({ type }));
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
