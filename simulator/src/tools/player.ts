/** The interface of a player, which simulates the calls of one type of tool. */

import type { Dialogue } from "../responses/dialogue.js";
import type { JsonObject } from "../scenario/alterations.js";
import type { Workspace } from "../service/workspace.js";
import type { Sentence } from "./sentence.js";
import type { Step } from "./step.js";

/** The inputs of a player. */
export interface Scene {
  readonly dialogue: Dialogue;
  /** The last user message, without scenario words. */
  readonly prompt: string;
  readonly workspace: Workspace;
  /** The values of `include` in the request. */
  readonly include: ReadonlySet<unknown>;
  /** The name of the MCP tool that `tool_choice` forces. */
  readonly forcedName: string | undefined;
}

/** The contribution of a tool to a response. */
export interface Performance {
  readonly steps: readonly Step[];
  /** The sentences for the message of the response. */
  readonly sentences: readonly Sentence[];
}

/** Plays a type of tool. */
export interface Player {
  /** Checks a definition. `path` stands before the names in errors, such as `tools[0].`. Throws the error of Azure. */
  check?(tool: JsonObject, path: string): void;
  /** Returns the steps that come before any call, if there are any. */
  prepare?(tool: JsonObject, scene: Scene): readonly Step[];
  /** Returns true if the prompt suggests a call. */
  isSuggested(tool: JsonObject, prompt: string): boolean;
  /** Returns true if the call ends the response, because the client has to reply. */
  awaitsReply(tool: JsonObject, scene: Scene): boolean;
  /** Calls the tool. */
  perform(tool: JsonObject, scene: Scene): Performance | Promise<Performance>;
}
