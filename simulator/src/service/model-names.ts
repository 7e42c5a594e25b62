/** The names of all models. */

import { openaiModelNames } from "./catalogue.js";
import { fluxModelNames } from "./flux-models.js";
import { maiModelNames } from "./mai-models.js";
import { textModelNames } from "./text-models.js";

/** The models that can be deployed. Azure's list of models contains them, not the deployments. */
export const modelNames: readonly string[] = [...openaiModelNames, ...maiModelNames, ...fluxModelNames, ...textModelNames];

/** Writes a name as a part of another one: `gpt-image-1.5` is often deployed as `my-gpt-image-1-5`. */
const normalized = (name: string): string => `-${name.toLowerCase().replace(/[._]/g, "-")}-`;

const longestFirst = modelNames.map((name) => ({ name, part: normalized(name) })).sort((one, other) => other.part.length - one.part.length);

/** The model that the name of a deployment contains, the longest if there are several. */
export function modelNamedIn(deployment: string): string | undefined {
  const text = normalized(deployment);
  return longestFirst.find(({ part }) => text.includes(part))?.name;
}
