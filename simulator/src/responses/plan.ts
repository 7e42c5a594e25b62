/** What a response will be, once its request has been checked. */

import type { AgentVersion } from "../foundry/agents.js";
import type { FormFile } from "../http/form.js";
import type { Task } from "../images/operation.js";
import type { JsonObject } from "../scenario/alterations.js";
import type { Scenario } from "../scenario/grammar.js";
import type { Model } from "../service/catalogue.js";
import type { Dialect } from "./dialect.js";
import type { Dialogue } from "./dialogue.js";
import type { ResponseInput } from "./input.js";
import type { ResponseRequest } from "./request.js";
import type { ToolPlan } from "./tool-plan.js";

/** The calls of the image generation tool: one task, painted as often as there are calls. */
export interface ImageCalls extends Task {
  readonly model: Model;
  readonly count: number;
}

/** A response before it is worked on. */
export interface Plan {
  readonly id: string;
  readonly createdAt: number;
  /** When the request came, on the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly latencyInMs: number;
  readonly dialect: Dialect;
  readonly request: ResponseRequest;
  readonly agent: AgentVersion | undefined;
  /** The name of the text model's deployment. */
  readonly deployment: string;
  readonly tools: readonly JsonObject[];
  readonly input: ResponseInput;
  /** The dialogue up to the end of the input. */
  readonly dialogue: Dialogue;
  /** What the user said last, without scenario words. */
  readonly prompt: string;
  /** The prompt of the images: the user message and the tool reports. */
  readonly depicted: string;
  readonly toolCalls: ToolPlan;
  /** The calls of the image generation tool. */
  readonly calls: ImageCalls | undefined;
  /** The picture that was last before this response. */
  readonly earlierPicture: FormFile | undefined;
  readonly scenario: Scenario;
}
