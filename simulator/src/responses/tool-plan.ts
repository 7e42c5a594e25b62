/** Decides which tools the simulated model calls in a response. */

import type { JsonObject } from "../scenario/alterations.js";
import { asksForImage } from "../tools/image-words.js";
import { approvedCall } from "../tools/mcp.js";
import type { Performance, Player, Scene } from "../tools/player.js";
import { playerOf } from "../tools/players.js";
import type { Sentence } from "../tools/sentence.js";
import type { Step } from "../tools/step.js";
import { toolKey } from "../tools/tool-key.js";
import { followOutputItems, type Dialogue, type Report } from "./dialogue.js";
import { isImageTool } from "./image-tool.js";
import type { ToolChoice } from "./tool-choice.js";

/** The tool calls of a response, and the sentences about them. */
export interface ToolPlan {
  readonly steps: readonly Step[];
  /** The tool reports of the turn, including those of the steps. */
  readonly reports: readonly Report[];
  readonly sentences: readonly Sentence[];
  /** True if the response ends with calls that await a reply of the client. */
  readonly awaitsReply: boolean;
  /** True if the image generation tool is called. */
  readonly drawsImage: boolean;
}

/** The plan of a response without tool calls. */
export const noToolCalls: ToolPlan = { steps: [], reports: [], sentences: [], awaitsReply: false, drawsImage: false };

/** The inputs of the plan. */
export interface ToolSituation {
  readonly tools: readonly JsonObject[];
  readonly choice: ToolChoice;
  /** True if the model may call several tools at once. */
  readonly parallel: boolean;
  readonly scene: Scene;
}

/** A tool with its player. */
interface Cast {
  readonly tool: JsonObject;
  readonly player: Player;
}

const followSteps = (dialogue: Dialogue, steps: readonly Step[]): Dialogue =>
  followOutputItems(
    dialogue,
    steps.map(({ item }) => item),
  );

function cast(tools: readonly JsonObject[]): Cast[] {
  return tools.flatMap((tool) => {
    const player = playerOf(tool);
    return player === undefined ? [] : [{ tool, player }];
  });
}

/** Returns the tools that the model calls, image generation among them. A tool that has reported in this turn is not called again. */
function chooseTools({ tools, choice, scene: { prompt, dialogue } }: ToolSituation): readonly JsonObject[] {
  const { reports } = dialogue.turn;
  const hasReported = (tool: JsonObject) => reports.some((report) => report.tool === toolKey(tool));
  const done = choice.forced === "tool" && choice.possible.every(hasReported);
  // A client that repeats the choice with its reply wants the answer, not the same call again.
  const { possible, forced } = done ? { possible: tools, forced: "none" } : choice;
  const candidates = possible.filter((tool) => !hasReported(tool) && (isImageTool(tool) || playerOf(tool) !== undefined));
  if (forced === "tool") return candidates;
  const others = possible.filter((tool) => playerOf(tool)?.isSuggested(tool, prompt));
  const draws = asksForImage(prompt, { alone: others.length === 0 });
  const suggested = candidates.filter((tool) => (isImageTool(tool) ? draws : others.includes(tool)));
  if (suggested.length > 0 || forced === "none" || reports.length > 0) return suggested;
  return candidates.slice(0, 1);
}

/** Plans the calls of a response. If the client has to reply to some of them, the other calls wait for the reply. */
export async function planTools(situation: ToolSituation): Promise<ToolPlan> {
  const { tools, parallel } = situation;
  const prepared = cast(tools).flatMap(({ tool, player }) => player.prepare?.(tool, situation.scene) ?? []);
  const before = [...prepared, ...[...situation.scene.dialogue.approved.values()].map(approvedCall)];
  const scene = { ...situation.scene, dialogue: followSteps(situation.scene.dialogue, before) };

  const chosen = chooseTools({ ...situation, scene });
  const players = cast(chosen);
  const awaited = players.filter(({ tool, player }) => player.awaitsReply(tool, scene));
  const awaitsReply = awaited.length > 0;
  const played = awaitsReply ? awaited.slice(0, parallel ? awaited.length : 1) : players;
  const performances: Performance[] = [];
  for (const { tool, player } of played) performances.push(await player.perform(tool, scene));
  const performed = performances.flatMap(({ steps }) => steps);
  return {
    steps: [...before, ...performed],
    reports: followSteps(scene.dialogue, performed).turn.reports,
    sentences: performances.flatMap(({ sentences }) => sentences),
    awaitsReply,
    drawsImage: !awaitsReply && chosen.some(isImageTool),
  };
}
