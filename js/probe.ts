import { enter } from "./engine.js";
import { AzureImageError } from "./errors.js";
import type { ProbeReport } from "./types.js";
import type { Client } from "./wasm/azure_image_client.js";

/** Asks the engine for a report, and stops asking when the page says so. */
export function probe(client: Client, abortSignal: AbortSignal | null | undefined): Promise<ProbeReport> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const onAbort = () => {
      const cause = abortSignal?.reason;
      controller.abort(cause);
      reject(new AzureImageError({ code: "cancelled", message: "The probe was cancelled.", billed: "no", retryable: false, cause }));
    };
    if (abortSignal?.aborted) return onAbort();
    abortSignal?.addEventListener("abort", onAbort);
    const leaveEngine = enter({ reject });
    const leave = () => {
      leaveEngine();
      abortSignal?.removeEventListener("abort", onAbort);
    };
    (client.probe(controller.signal) as Promise<ProbeReport>).finally(leave).then(resolve, reject);
  });
}
