import type { BrowserContext } from "@playwright/test";

declare global {
  /** From init() until the first request is handed to fetch, in milliseconds. */
  var startInMs: number | undefined;
}

export interface Starts {
  /** The first page that a browser loads. */
  cold: number;
  /** Those after it, in the same profile. */
  warm: number[];
}

const PAGES = 12;

export async function measureStarts(context: BrowserContext, url: string): Promise<Starts> {
  const [cold = NaN, ...warm] = await inTurn(PAGES, async () => {
    const page = await context.newPage();
    await page.goto(url);
    const start = await (await page.waitForFunction(() => globalThis.startInMs)).jsonValue();
    await page.close();
    return start ?? NaN;
  });
  return { cold, warm };
}

async function inTurn<Value>(times: number, work: () => Promise<Value>): Promise<Value[]> {
  const values: Value[] = [];
  while (values.length < times) values.push(await work());
  return values;
}
