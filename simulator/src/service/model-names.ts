/** The names of all models. */

import { openaiModelNames } from "./catalogue.js";
import { fluxModelNames } from "./flux-models.js";
import { maiModelNames } from "./mai-models.js";
import { textModelNames } from "./text-models.js";

/** The models that can be deployed. Azure's list of models contains them, not the deployments. */
export const modelNames: readonly string[] = [...openaiModelNames, ...maiModelNames, ...fluxModelNames, ...textModelNames];
