import type { Inputs } from "./inputs.js";

/** The operations of the Images API, as Azure names them. */
export type Operation = "generations" | "edits";

/** A request, in the form in which the engine is asked about it and told to send it. */
export interface Question {
  operation: Operation;
  request: object;
  streamed: boolean;
  inputs: Inputs | undefined;
  today: string;
}

/** Makes a question for now. */
export function question(operation: Operation, request: object, streamed: boolean, inputs?: Inputs): Question {
  return { operation, request, streamed, inputs, today: today() };
}

/** The date in UTC, as the catalogue writes it. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
