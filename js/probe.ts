import { enter, type EngineClient } from "./engine.js";
import { AzureImageError, internalError } from "./errors.js";
import type { ProbeReport } from "./types.js";

/** Asks the engine for a report, and stops asking when the page says so. */
export function probe(engine: EngineClient, abortSignal: AbortSignal | null | undefined): Promise<ProbeReport> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const end = (settle: () => void) => {
      leaveEngine();
      abortSignal?.removeEventListener("abort", onAbort);
      // What is still asked is of no use any more.
      controller.abort();
      settle();
    };
    const fail = (error: AzureImageError) => end(() => reject(error));
    const onAbort = () => fail(cancelled(abortSignal?.reason));
    const leaveEngine = enter({ die: (what) => fail(internalError(what)) });
    if (abortSignal?.aborted) return onAbort();
    abortSignal?.addEventListener("abort", onAbort);
    const ask = async () => {
      const client = await engine.get();
      return client.probe(controller.signal) as Promise<ProbeReport>;
    };
    ask().then(
      (report) => end(() => resolve(report)),
      (reason: unknown) => fail(AzureImageError.from(reason)),
    );
  });
}

function cancelled(cause: unknown): AzureImageError {
  return new AzureImageError({ code: "cancelled", message: "The probe was cancelled.", billed: "no", retryable: false, cause });
}
