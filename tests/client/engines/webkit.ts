// WebKit as GNOME's browsers have it: the MiniBrowser of WebKitGTK by WebDriver, on a screen that nobody sees.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../ports.js";
import type { Engine } from "./engine.js";

/** Starts it. */
export async function startWebKit(miniBrowser: string): Promise<Engine> {
  const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1280x900x24"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const [number] = (await once(screen.stdio[3]!, "data")) as [Buffer];
  const port = await freePort();
  const driver = spawn("WebKitWebDriver", [`--port=${port}`], {
    env: { ...process.env, DISPLAY: `:${String(number).trim()}`, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" },
    stdio: "ignore",
  });
  const send = async (method: string, path: string, body?: object): Promise<any> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
    const { value } = (await answer.json()) as { value: any };
    if (!answer.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  };
  await untilReady(() => send("GET", "/status"));
  const options = { binary: miniBrowser, args: ["--automation"] };
  // No authority signs the certificate of a test.
  const alwaysMatch = { acceptInsecureCerts: true, "webkitgtk:browserOptions": options };
  const { sessionId } = await send("POST", "/session", { capabilities: { alwaysMatch } });
  const session = `/session/${sessionId}`;
  // A limit would be a timer within the page, and be taken for one of the library's.
  await send("POST", `${session}/timeouts`, { script: null });
  const execute = (script: string) => send("POST", `${session}/execute/sync`, { script, args: [] });

  const navigate = async (how: string, body: object) => {
    await send("POST", `${session}/${how}`, body);
    // The driver does not wait for the modules of a page.
    while ((await execute("return document.readyState")) !== "complete") await sleep(5);
    // Nor does it tell of errors that nobody caught.
    await execute("globalThis.uncaught = []; addEventListener('error', (event) => uncaught.push(event));");
  };

  let tell: (error: Error) => void = () => {};
  let runs = 0;
  return {
    page: {
      goto: (url) => navigate("url", { url }),
      reload: () => navigate("refresh", {}),
      // One command after the other is all that the driver does: what takes time is begun, and asked after.
      async run(program) {
        const run = `run${++runs}`;
        await execute(`(globalThis.runs ??= {}).${run} = ""; void ${program}.then((text) => { runs.${run} = text; });`);
        for (;;) {
          const { text, errors } = await execute(
            `const text = globalThis.runs?.${run};
            if (!text) return { text: text ?? null, errors: [] };
            delete runs.${run};
            const errors = uncaught.splice(0).filter(({ defaultPrevented }) => !defaultPrevented);
            return { text, errors: errors.map(({ error, message }) => String(error ?? message)) };`,
          );
          for (const error of errors) tell(new Error(error));
          if (text === null) throw new Error("The page was left while it was asked.");
          if (text !== "") return text;
          await sleep(5);
        }
      },
      onError: (listener) => {
        tell = listener;
      },
    },
    async close() {
      await send("DELETE", session).catch(() => {});
      await Promise.all([end(driver), end(screen)]);
    },
  };
}

async function untilReady(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await ask();
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(50);
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  if (child.kill()) await exited;
}
