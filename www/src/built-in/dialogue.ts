/** An item of the input or the output of a response. */
export interface Item {
  readonly type: string;
  readonly id?: string;
  readonly [property: string]: unknown;
}

/** The memory of the model. */
export interface Dialogue {
  /** The last message of the user. */
  readonly prompt: string;
  /** The results of tools since then, by the types of the tools. */
  readonly reports: ReadonlyMap<string, string>;
  /** The calls that wait for a reply, by the id that the reply names. */
  readonly open: ReadonlyMap<string, Item>;
  /** The calls that the user has approved just now. */
  readonly approved: readonly Item[];
  /** The last image. */
  readonly picture: Blob | undefined;
}

const NEW: Dialogue = { prompt: "", reports: new Map(), open: new Map(), approved: [], picture: undefined };

/** Reads an input. Throws an error that the service would answer with. */
export function hear(before: Dialogue = NEW, input: unknown): Dialogue {
  if (typeof input === "string") return { ...before, prompt: input, reports: new Map(), open: new Map() };
  const replies = Array.isArray(input) ? (input as Item[]) : [];
  return replies.reduce(hearReply, before);
}

function hearReply(dialogue: Dialogue, { type, call_id, output, approval_request_id, approve }: Item): Dialogue {
  const id = String(call_id ?? approval_request_id);
  const call = dialogue.open.get(id);
  if (!call) throw new Error(`No call found for ${type} with the id ${id}.`);
  const after = { ...dialogue, open: new Map([...dialogue.open].filter(([other]) => other !== id)) };
  if (type === "function_call_output") return report(after, "function", String(output));
  return approve === true ? { ...after, approved: [...after.approved, call] } : report(after, "mcp", "The call was not approved.");
}

/** Remembers the result of a tool. */
export function report(dialogue: Dialogue, type: string, text: string): Dialogue {
  return { ...dialogue, reports: new Map([...dialogue.reports, [type, text]]) };
}
