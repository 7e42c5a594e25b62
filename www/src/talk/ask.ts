import type { ResponseRequest } from "azure-image-client";

/** What a turn of the conversation asks for. */
export interface Ask {
  readonly request: ResponseRequest & { input: string };
  /** Whether it goes on at the service without this page. */
  readonly isJob: boolean;
}

/** The part of a request that all responses of a turn have in common. */
export type Settings = Pick<ResponseRequest, "model" | "agent" | "tool" | "tools">;
