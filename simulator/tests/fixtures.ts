/** A simulator for each test, and what the tests ask of it. */

import { expect, test as base } from "@playwright/test";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { createHash } from "node:crypto";

/** Playwright's `test` with a fresh `simulator`. */
export const test = base.extend<{ simulator: Simulator }>({
  simulator: async ({}, use) => {
    const simulator = await startSimulator({
      // As on Azure. deployments.spec.ts tests the default.
      strictDeployments: true,
      deployments: { "my-pictures": "gpt-image-1", "my-mai": "MAI-Image-2.6", "my-flux": "FLUX.2-pro" },
    });
    await use(simulator);
    await simulator.close();
    // Whatever a test left unread ends with its connection.
    await expect.poll(() => simulator.activeRequests).toBe(0);
  },
});

export { expect };

/** The v1 route. */
export const V1 = "/openai/v1/images/generations?api-version=preview";

/** The v1 route for edits. */
export const V1_EDITS = "/openai/v1/images/edits?api-version=preview";

/** The classic route of a deployment. */
export function classic(deployment: string, version = "2025-04-01-preview", operation = "generations"): string {
  return `/openai/deployments/${encodeURIComponent(deployment)}/images/${operation}?api-version=${version}`;
}

/** Sends a request as a careful client would, except for what `options` changes. */
export function post(
  simulator: Simulator,
  body: unknown,
  options: { path?: string; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  return fetch(simulator.url + (options.path ?? V1), {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/json", "api-key": "simulator-key", ...options.headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** A form, from its fields: a text, a file, or several of them. */
export function form(fields: Record<string, string | Blob | readonly (string | Blob)[]>): FormData {
  const data = new FormData();
  for (const [name, values] of Object.entries(fields)) {
    for (const value of [values].flat() as (string | Blob)[]) data.append(name, value as string);
  }
  return data;
}

/** Sends a form as a careful client would. */
export function postForm(simulator: Simulator, body: FormData, options: { path?: string; signal?: AbortSignal } = {}): Promise<Response> {
  return fetch(simulator.url + (options.path ?? V1_EDITS), {
    method: "POST",
    headers: { "api-key": "simulator-key" },
    body,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** A small request, fast to answer. */
export function request(prompt: string, more: object = {}): object {
  return { model: "gpt-image-1", prompt, ...more };
}

/** A request for a stream with two previews. */
export function streamed(prompt: string, more: object = {}): object {
  return request(prompt, { stream: true, partial_images: 2, ...more });
}

/** An event of a stream. */
export interface StreamEvent {
  readonly name: string | undefined;
  readonly data: Record<string, any>;
}

/** Reads a stream whose lines end with LF, leaving out what is no event. */
export function readEvents(text: string): StreamEvent[] {
  return text
    .split("\n\n")
    .filter((block) => /^(event|data): /.test(block) && !block.endsWith("data: [DONE]"))
    .map((block) => ({
      name: /^event: (.*)$/m.exec(block)?.[1],
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "null"),
    }));
}

/** The hash of a picture in base64, as the simulator's log has it. */
export function sha256(base64: string): string {
  return createHash("sha256").update(Buffer.from(base64, "base64")).digest("hex");
}
