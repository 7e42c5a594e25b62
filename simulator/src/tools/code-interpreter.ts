/** Plays the code interpreter: code that writes a table or a chart into a container. */

import { sharp } from "../pictures/sharp.js";
import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import { containerPath } from "../service/containers.js";
import { newId } from "../service/ids.js";
import { invalidType, missingParameter, typeOf } from "../service/validation.js";
import type { Workspace } from "../service/workspace.js";
import type { Player } from "./player.js";
import { citing } from "./sentence.js";
import { deltaEvents } from "./step.js";

const SUGGESTION = /\b(comput(e|ing|ation)|calculat(e|ing|ion)|python|charts?|plots?|code|csv)\b/i;
const CHART = /\b(charts?|plots?)\b/i;

/** The data of every file: numbers and their squares. */
const NUMBERS = [1, 2, 3, 4, 5];
const squareOf = (number: number) => number * number;

/** A run of code with its logs and its file. */
interface Run {
  readonly code: string;
  readonly logs: string;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

const DATA = `numbers = [${NUMBERS.join(", ")}]\nsquares = [number * number for number in numbers]\n`;

function table(): Run {
  const name = "squares.csv";
  const lines = ["number,square", ...NUMBERS.map((number) => `${number},${squareOf(number)}`)];
  const code = `import csv

${DATA}
with open("${containerPath(name)}", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\\n")
    writer.writerow(["number", "square"])
    writer.writerows(zip(numbers, squares))
print(squares)
`;
  const logs = `[${NUMBERS.map(squareOf).join(", ")}]\n`;
  return { code, logs, name, contentType: "text/csv", bytes: Buffer.from(`${lines.join("\n")}\n`) };
}

const CHART_SIZE = { width: 320, height: 240 };
const MARGIN = 20;
const BAR_WIDTH = 40;

async function chart(): Promise<Run> {
  const name = "squares.png";
  const tallest = squareOf(Math.max(...NUMBERS));
  const bars = NUMBERS.map((number, index) => {
    const height = Math.round((squareOf(number) / tallest) * (CHART_SIZE.height - 2 * MARGIN));
    const left = MARGIN + index * (BAR_WIDTH + MARGIN);
    return {
      input: { create: { width: BAR_WIDTH, height, channels: 3 as const, background: "#1f77b4" } },
      left,
      top: CHART_SIZE.height - MARGIN - height,
    };
  });
  const image = sharp({ create: { ...CHART_SIZE, channels: 3, background: "#ffffff" } }).composite(bars);
  const code = `import matplotlib.pyplot as plt

${DATA}
plt.bar(numbers, squares)
plt.savefig("${containerPath(name)}")
`;
  return { code, logs: "", name, contentType: "image/png", bytes: await image.png().toBuffer() };
}

/** Returns the container of a tool: the one that it names, the last one of the dialogue, or a new one. */
function containerOf({ container }: JsonObject, last: string | undefined, { containers }: Workspace): string {
  if (typeof container === "string") return container;
  return last !== undefined && containers.has(last) ? last : containers.create();
}

/** The player of `code_interpreter` tools. */
export const codeInterpreterPlayer: Player = {
  check({ container }, path) {
    const param = `${path}container`;
    if (container === undefined || container === null) throw missingParameter(param);
    if (typeof container === "string") return;
    if (typeof container !== "object" || Array.isArray(container)) throw invalidType(param, "an object or a string", typeOf(container));
    const { type } = container as JsonObject;
    if (type === undefined) throw missingParameter(`${param}.type`);
    if (type === "auto") return;
    throw AzureError.invalidRequest("invalid_value", `Invalid value: '${String(type)}'. Supported values are: 'auto'.`, `${param}.type`);
  },

  isSuggested: (_tool, prompt) => SUGGESTION.test(prompt),

  awaitsReply: () => false,

  async perform(tool, { prompt, dialogue, workspace, include }) {
    const { code, logs, ...output } = CHART.test(prompt) ? await chart() : table();
    const containerId = containerOf(tool, dialogue.containerId, workspace);
    const file = workspace.containers.write(containerId, output);
    const call = { id: newId("ci_"), type: "code_interpreter_call", container_id: containerId };
    const path = `sandbox:${containerPath(file.name)}`;
    return {
      steps: [
        {
          opened: { ...call, status: "in_progress", code: "", outputs: null },
          events: [
            { name: "code_interpreter_call.in_progress" },
            ...deltaEvents("code_interpreter_call_code", "code", code),
            { name: "code_interpreter_call.interpreting" },
            { name: "code_interpreter_call.completed" },
          ],
          item: {
            ...call,
            status: "completed",
            code,
            outputs: include.has("code_interpreter_call.outputs") ? [{ type: "logs", logs }] : null,
          },
        },
      ],
      sentences: [
        citing(`The code wrote [${file.name}](${path}).`, path, {
          type: "container_file_citation",
          container_id: containerId,
          file_id: file.id,
          filename: file.name,
        }),
      ],
    };
  },
};
