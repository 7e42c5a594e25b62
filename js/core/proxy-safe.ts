// Vue, Alpine, Valtio and others keep an object behind a Proxy and call its methods on the proxy, which has no private members. The
// methods of the public classes therefore run on the original object.

import { own } from "./own.js";

/** Key of the property that runs a method on the original object. Proxies and copies of the object have it, too. */
const RUN = Symbol("azure-image-client.run");

type Method = (...parameters: unknown[]) => unknown;

/** The `this` of a method. */
type Receiver = { [RUN]?: (method: Method, parameters: unknown[]) => unknown } | undefined;

/** A Proxy as well, so that a method keeps its name and length. */
const onOriginal: ProxyHandler<Method> = own({
  apply: (method: Method, receiver: Receiver, parameters: unknown[]) => {
    const run = receiver?.[RUN];
    return run ? run(method, parameters) : Reflect.apply(method, receiver, parameters);
  },
});

/** Lets methods find the original object behind a proxy. The constructor of every public class calls it. */
export function rememberSelf(object: object): void {
  // It does not return the object, because a proxy may wrap returned objects.
  const run = (method: Method, parameters: unknown[]) => Reflect.apply(method, object, parameters);
  // Configurable, or a proxy that wraps functions could not return it. Not writable, or Valtio would assign it again.
  Object.defineProperty(object, RUN, own({ value: run, configurable: true }));
}

/**
 * Makes the methods and accessors of a class run on the original object, and gives its instances the class name in
 * `Object.prototype.toString`. Vue and Alpine make no proxy of an object with such a name.
 */
export function makeProxySafe(prototype: object, className: string): void {
  for (const key of Reflect.ownKeys(prototype)) {
    if (key === "constructor") continue;
    const descriptor = own(Object.getOwnPropertyDescriptor(prototype, key) as PropertyDescriptor);
    for (const part of ["value", "get", "set"] as const) {
      if (typeof descriptor[part] === "function") descriptor[part] = new Proxy(descriptor[part], onOriginal);
    }
    Object.defineProperty(prototype, key, descriptor);
  }
  Object.defineProperty(prototype, Symbol.toStringTag, own({ value: className, configurable: true }));
}
