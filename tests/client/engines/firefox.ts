// Firefox as its users have it, by WebDriver BiDi (https://w3c.github.io/webdriver-bidi).

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import WebSocket from "ws";
import type { Engine } from "./engine.js";

/**
 * It opens connections before it has a request for them. What then breaks a second later, without a byte of an answer, it takes for a
 * connection that has served before, and repeats even a POST: whoever counts requests would count those of the browser.
 */
const PREFERENCES = 'user_pref("network.http.speculative-parallel-limit", 0);\n';

/** Starts it. */
export async function startFirefox(executablePath: string): Promise<Engine> {
  const profile = await mkdtemp(join(tmpdir(), "firefox-"));
  await writeFile(join(profile, "user.js"), PREFERENCES);
  const options = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0"];
  const firefox = spawn(executablePath, options, { stdio: ["ignore", "ignore", "pipe"] });
  const socket = new WebSocket(`${await addressOf(firefox.stderr)}/session`, { perMessageDeflate: false });
  await once(socket, "open");

  let commands = 0;
  const waiting = new Map<number, { resolve(result: any): void; reject(error: Error): void }>();
  const listeners: ((error: Error) => void)[] = [];
  socket.on("message", (data) => {
    const message = JSON.parse(String(data));
    // What the browser itself has to say of requests and policies comes the same way, but from no line of a program.
    const { type, level, stackTrace } = message.params ?? {};
    if (message.method === "log.entryAdded" && type === "javascript" && level === "error" && stackTrace?.callFrames.length > 0) {
      for (const listener of listeners) listener(new Error(message.params.text));
    }
    const answered = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.type === "error") answered?.reject(new Error(`${message.error}: ${message.message}`));
    else answered?.resolve(message.result);
  });
  const send = (method: string, params: object) =>
    new Promise<any>((resolve, reject) => {
      waiting.set(++commands, { resolve, reject });
      socket.send(JSON.stringify({ id: commands, method, params }));
    });

  // No authority signs the certificate of a test.
  await send("session.new", { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } });
  await send("session.subscribe", { events: ["log.entryAdded"] });
  const { contexts } = await send("browsingContext.getTree", {});
  const [{ context }] = contexts;
  return {
    page: {
      goto: (url) => send("browsingContext.navigate", { context, url, wait: "complete" }),
      reload: () => send("browsingContext.reload", { context, wait: "complete" }),
      async run(expression) {
        const { result, exceptionDetails } = await send("script.evaluate", { expression, target: { context }, awaitPromise: true });
        if (exceptionDetails) throw new Error(exceptionDetails.text);
        return result.value;
      },
      onError: (listener) => void listeners.push(listener),
    },
    async close() {
      socket.close();
      const exited = once(firefox, "exit");
      if (firefox.kill()) await exited;
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Where it listens, which it writes among other things. */
async function addressOf(written: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: written })) {
    const [, address] = /WebDriver BiDi listening on (\S+)/.exec(line) ?? [];
    if (address) {
      // Nobody reads the rest, and what is not read stops who writes.
      written.resume();
      return address;
    }
  }
  throw new Error("Firefox did not start.");
}
