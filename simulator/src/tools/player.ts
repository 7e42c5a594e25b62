/** How the simulated model plays a type of tool. */

import type { Dialogue } from "../responses/dialogue.js";
import type { JsonObject } from "../scenario/alterations.js";
import type { Workspace } from "../service/workspace.js";
import type { Sentence } from "./sentence.js";
import type { Step } from "./step.js";

/** What a player works with. */
export interface Scene {
  readonly dialogue: Dialogue;
  /** The last text of the user in this turn, without scenario words. */
  readonly prompt: string;
  readonly workspace: Workspace;
  /** The values of `include` in the request. */
  readonly include: ReadonlySet<unknown>;
  /** The name of the MCP tool that `tool_choice` forces. */
  readonly forcedName: string | undefined;
}

/** What a tool adds to a response. */
export interface Performance {
  readonly steps: readonly Step[];
  /** What the model says about it, if the response ends with a message. */
  readonly sentences: readonly Sentence[];
}

/** Plays a type of tool. */
export interface Player {
  /** Checks a definition. `path` stands before the names in errors, such as `tools[0].`. Throws the error of Azure. */
  check?(tool: JsonObject, path: string): void;
  /** Returns the steps that come before any call, if there are any. */
  prepare?(tool: JsonObject, scene: Scene): readonly Step[];
  /** Whether the text of the user suggests a call. */
  isSuggested(tool: JsonObject, prompt: string): boolean;
  /** Whether the call ends the response, because the client has to reply. */
  awaitsReply(tool: JsonObject, scene: Scene): boolean;
  /** Calls the tool. */
  perform(tool: JsonObject, scene: Scene): Performance | Promise<Performance>;
}
