import type { BrowserContext, Page } from "@playwright/test";

declare global {
  /** From init() until the first request is handed to fetch, in milliseconds. */
  var startInMs: number | undefined;
}

export interface Starts {
  /** The first page that a browser loads. */
  cold: number;
  /** Later ones, each in a tab of its own, which the browser still gives a process while the page starts. */
  newTab: number[];
  /** Later ones in the same tab. */
  sameTab: number[];
}

const TIMES = 11;

export async function measureStarts(context: BrowserContext, url: string): Promise<Starts> {
  const open = async () => {
    const page = await context.newPage();
    const start = await load(page, url);
    await page.close();
    return start;
  };
  const cold = await open();
  const newTab = await inTurn(TIMES, open);
  const page = await context.newPage();
  await load(page, url);
  const sameTab = await inTurn(TIMES, () => load(page, url));
  await page.close();
  return { cold, newTab, sameTab };
}

async function load(page: Page, url: string): Promise<number> {
  await page.goto(url);
  return (await (await page.waitForFunction(() => globalThis.startInMs)).jsonValue()) ?? NaN;
}

async function inTurn<Value>(times: number, work: () => Promise<Value>): Promise<Value[]> {
  const values: Value[] = [];
  while (values.length < times) values.push(await work());
  return values;
}
