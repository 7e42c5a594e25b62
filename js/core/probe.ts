import type { EngineClient } from "./engine.js";
import { AzureImageError } from "./error.js";
import { operationNames, refuseUnknown } from "./members.js";
import { Task } from "./task.js";
import type { OperationOptions, ProbeReport } from "./types.js";

/** Runs the connection check. */
export function probe(engine: EngineClient, options: OperationOptions): Promise<ProbeReport> {
  const { result } = new Task<ProbeReport>(engine, options, {
    kind: "probe",
    isFree: true,
    begin() {
      refuseUnknown(options, operationNames);
      return () => ({});
    },
    succeed: (report) => ({ result: report as ProbeReport }),
    fail: (reason) => AzureImageError.from(reason),
  });
  return result;
}
