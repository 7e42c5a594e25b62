import type { EngineClient } from "./engine.js";
import { AzureImageError } from "./errors.js";
import { manageNames, refuseUnknown } from "./members.js";
import { Task } from "./task.js";
import type { ProbeReport } from "./types.js";

/** Asks the engine for a report, and stops asking when the page says so. */
export function probe(engine: EngineClient, options: { abortSignal?: AbortSignal }): Promise<ProbeReport> {
  const task = new Task<ProbeReport>(
    0,
    () => options?.abortSignal,
    (code, what, cause) => {
      const message = code === "cancelled" ? "The probe was cancelled." : `${what}.`;
      return new AzureImageError({ code, message, billed: "no", retryable: false, cause });
    },
  );
  task.run(async () => {
    refuseUnknown(options, manageNames);
    const client = await engine.get();
    const report = (await client.probe(task.signal)) as ProbeReport;
    task.settle();
    task.resolve(report);
  });
  return task.result;
}
