// Vue, Alpine, Valtio and others keep an object behind a Proxy and call its methods on the proxy, which has no private members. The
// methods of the public classes therefore look up the original object and run on it.

/** Key of the property that leads from a proxy to the original object. */
const SELF = Symbol("azure-image-client.self");

/** Result of the function under {@link SELF}. It is not returned, because a proxy may wrap returned objects. */
let self: unknown;

/** Lets methods find the original object behind a proxy. The constructor of every public class calls it. */
export function rememberSelf(object: object): void {
  const find = () => {
    self = object;
  };
  // Configurable, or a proxy that wraps functions could not return it. Not writable, or Valtio would assign it again.
  Object.defineProperty(object, SELF, { value: find, configurable: true });
}

/**
 * Makes the methods and accessors of a class run on the original object, and gives its instances the class name in
 * `Object.prototype.toString`. Vue and Alpine make no proxy of an object with such a name.
 */
export function makeProxySafe(prototype: object, className: string): void {
  for (const key of Reflect.ownKeys(prototype)) {
    if (key === "constructor") continue;
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key) as PropertyDescriptor;
    for (const part of ["value", "get", "set"] as const) {
      if (typeof descriptor[part] === "function") descriptor[part] = runOnOriginal(descriptor[part]);
    }
    Object.defineProperty(prototype, key, descriptor);
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: className, configurable: true });
}

function runOnOriginal(method: (...parameters: unknown[]) => unknown) {
  return function (this: unknown, ...parameters: unknown[]): unknown {
    return method.call(originalOf(this), ...parameters);
  };
}

function originalOf(object: unknown): unknown {
  self = object;
  (object as { [SELF]?: () => void } | undefined)?.[SELF]?.();
  const original = self;
  // Keeps no object alive.
  self = undefined;
  return original;
}
