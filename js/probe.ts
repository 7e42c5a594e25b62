import type { EngineClient } from "./engine.js";
import { AzureImageError } from "./errors.js";
import { Task } from "./task.js";
import type { ProbeReport } from "./types.js";

/** Asks the engine for a report, and stops asking when the page says so. */
export function probe(engine: EngineClient, abortSignal: () => unknown): Promise<ProbeReport> {
  const task = new Task<ProbeReport>(0, abortSignal, (code, what, cause) => {
    const message = code === "cancelled" ? "The probe was cancelled." : `${what}.`;
    return new AzureImageError({ code, message, billed: "no", retryable: false, cause });
  });
  task.run(async () => {
    const client = await engine.get();
    const report = (await client.probe(task.signal)) as ProbeReport;
    task.settle();
    task.resolve(report);
  });
  return task.result;
}
