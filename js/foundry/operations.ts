import { AzureImageError, free } from "../core/error.js";
import { operationNames, refuseUnknown } from "../core/members.js";
import { own } from "../core/own.js";
import { isObject, type Members } from "../core/snapshot.js";
import { checkId } from "../responses/follow.js";
import { AGENT_OPERATIONS } from "./agent-operations.js";
import { malformed, snapshot } from "./checks.js";
import { CONVERSATION_OPERATIONS } from "./conversation-operations.js";
import { FILE_OPERATIONS } from "./file-operations.js";
import { DELETION, type Call, type DocumentRecord, type Operation, type Order } from "./operation.js";

const OPERATIONS = {
  ...AGENT_OPERATIONS,
  ...CONVERSATION_OPERATIONS,
  ...FILE_OPERATIONS,
  deleteResponse: { order: ({ parameters: { id } }) => ({ id: checkId(id) }), ...DELETION },
} satisfies Record<string, Operation>;

/** The engine's name of an operation. */
export type OperationName = keyof typeof OPERATIONS;

/** One call of an operation. */
export class ResourceCall {
  readonly #name: OperationName;
  readonly #call: Call;

  constructor(name: OperationName, call: Omit<Call, "options"> & { options: unknown }) {
    this.#name = name;
    this.#call = { ...call, options: snapshot(call.options, "options") };
  }

  /** Checks the arguments, and returns the engine's record of the call. */
  async order(): Promise<Order & { operation: string }> {
    refuseUnknown(this.#call.options, this.#operation.known ?? operationNames);
    return { operation: this.#name, ...(await this.#operation.order(this.#call)) };
  }

  /** Converts the response. */
  async result(response: DocumentRecord): Promise<unknown> {
    const record = own(response);
    const { read, result, isDeletion = false } = this.#operation;
    try {
      return await (read ? read(this.#call, record) : result?.(await parse(record, isDeletion), this.#call));
    } catch (reason) {
      throw free(AzureImageError.from(reason));
    }
  }

  get #operation(): Operation {
    return own<Operation>(OPERATIONS[this.#name]);
  }
}

/** Parses a document. A deletion may have none. */
async function parse({ blob, requestId }: DocumentRecord, isDeletion: boolean): Promise<Members> {
  const text = await blob.text().catch((cause: unknown) => {
    const message = "The browser has no memory left for the response. Close other tabs, or fetch smaller pages.";
    throw new AzureImageError({ code: "too_large", message, billed: "no", retryable: false, cause, ...(requestId && { requestId }) });
  });
  const document = isDeletion && text.trim() === "" ? {} : parseObject(text);
  if (!document) throw malformed("The response is not a JSON object", requestId);
  return own({ ...document, ...(requestId && { requestId }) });
}

/** Omits the cause, which quotes the document. */
function parseObject(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
