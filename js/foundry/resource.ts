import { capture } from "../core/capture.js";
import type { EngineClient } from "../core/engine.js";
import { AzureImageError, free } from "../core/error.js";
import { more } from "../core/chunks.js";
import { own } from "../core/own.js";
import { read, type Members } from "../core/snapshot.js";
import { Task, type TaskOptions } from "../core/task.js";
import type { DocumentRecord } from "./operation.js";
import type { OperationName, ResourceCall } from "./operations.js";

/**
 * Runs a free call. Captures its arguments and options at once. Their errors reject the call.
 *
 * @param settings Further settings of the operation, which the page cannot change.
 */
export async function manage<Result>(
  engine: EngineClient,
  operation: OperationName,
  parameters: Members,
  options: unknown,
  settings?: unknown,
): Promise<Result> {
  const copy = capture({ parameters, options });
  /** Not set until the code is loaded. */
  let call: ResourceCall | undefined;
  const task = new Task<DocumentRecord>(
    engine,
    read("options", () => own(copy.options as TaskOptions)),
    {
      kind: "resource",
      isFree: true,
      begin: () => (client) => {
        call = new more.code.ResourceCall(operation, { ...copy, settings, client });
        return call.order();
      },
      succeed: (document) => ({ result: document as DocumentRecord }),
      fail: (reason) => free(AzureImageError.from(reason)),
    },
  );
  const document = await task.result;
  return (await (call as unknown as ResourceCall).result(document)) as Result;
}
