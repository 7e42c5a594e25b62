// What the tests need of a browser that Playwright does not drive.

import { test } from "@playwright/test";

/** A page, as far as it can be driven. */
export interface EnginePage {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  /** Runs a program that gives a promise of a text, and resolves to that. */
  run(program: string): Promise<string>;
  onError(listener: (error: Error) => void): void;
}

/** A browser with one page. */
export interface Engine {
  readonly page: EnginePage;
  close(): Promise<void>;
}

/**
 * Dresses a page as Playwright's, so that the same tests run on it. What only Playwright can do skips the test that asks for it.
 */
export function asPlaywrightPage(page: EnginePage): object {
  let listeners: ((error: Error) => void)[] = [];
  page.onError((error) => {
    for (const listener of listeners) listener(error);
  });
  let handles = 0;
  const members: Record<string, unknown> = {
    goto: (url: string) => page.goto(url),
    reload: () => page.reload(),
    evaluate: (work: unknown, argument: unknown) => evaluate(page, calling(work, argument)),
    evaluateHandle: async (work: unknown, argument: unknown) => {
      const handle = `globalThis.handle${(handles += 1)}`;
      await evaluate(page, `(async () => { ${handle} = await ${calling(work, argument)}; })()`);
      return { evaluate: (work: unknown, argument: unknown) => evaluate(page, calling(work, argument, `${handle}, `)) };
    },
    on: (event: string, listener: (error: Error) => void) => {
      if (event !== "pageerror") skip(`page.on("${event}")`);
      listeners.push(listener);
    },
    removeAllListeners: () => {
      listeners = [];
    },
    unrouteAll: async () => {},
    close: async () => {},
  };
  return new Proxy(members, { get: (_, name) => (name === "then" ? undefined : (members[String(name)] ?? skip(`page.${String(name)}`))) });
}

/** Skips a test that the engine cannot run. The project `node` must not select such a test. */
export function skip(what: string): never {
  if (test.info().project.name === "node") throw new Error(`${what} is not available in Node. Tag the test with "@browser".`);
  test.skip(true, `${what} needs Playwright's own way to drive a browser`);
  throw new Error("A skipped test goes on.");
}

/** An expression that does what is to be done; `before` is put before the argument. */
function calling(work: unknown, argument: unknown, before = ""): string {
  return typeof work === "function" ? `(${String(work)})(${before}decode(${JSON.stringify(encode(argument))}))` : String(work);
}

async function evaluate(page: EnginePage, call: string): Promise<unknown> {
  const answer = await page.run(`(async () => {
    const encode = ${String(encode)};
    const decode = ${String(decode)};
    try {
      return JSON.stringify({ value: encode(await ${call}) });
    } catch (error) {
      return JSON.stringify({ error: String(error), stack: String(error?.stack) });
    }
  })()`);
  const { value, error, stack } = JSON.parse(answer);
  if (error !== undefined) throw new Error(`page.evaluate: ${error}\n${stack}`);
  return decode(value);
}

/** Writes what JSON has no word for, as Playwright does: it runs here and in the page, so it stands alone. */
function encode(value: any): any {
  if (value === undefined) return { $: "undefined" };
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
    return { $: "number", text: Object.is(value, -0) ? "-0" : String(value) };
  if (typeof value === "bigint") return { $: "bigint", text: String(value) };
  if (typeof value === "function" || typeof value === "symbol") return { $: "undefined" };
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Date) return { $: "date", text: value.toISOString() };
  if (value instanceof Error) return { $: "error", text: value.message, name: value.name };
  if (ArrayBuffer.isView(value)) return { $: "bytes", bytes: Array.from(value as Uint8Array) };
  if (Array.isArray(value)) return value.map(encode);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, encode(member)]));
}

function decode(value: any): any {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(decode);
  switch (value.$) {
    case "undefined":
      return undefined;
    case "number":
      return Number(value.text);
    case "bigint":
      return BigInt(value.text);
    case "date":
      return new Date(value.text);
    case "error":
      return Object.assign(new Error(value.text), { name: value.name });
    case "bytes":
      return Uint8Array.from(value.bytes);
    default:
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, decode(member)]));
  }
}
