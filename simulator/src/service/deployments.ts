/** The deployments of the simulated resource. */

import { readSuffix, type Scenario } from "../scenario/grammar.js";
import { AzureError } from "./azure-error.js";
import { findModel, modelNames, type Model } from "./catalogue.js";

/** A deployment as a request names it. */
export interface Deployment {
  /** The name without its scenario words. */
  readonly name: string;
  readonly model: Model;
  /** The scenario words in the name. */
  readonly scenario: Scenario;
}

/** Finds deployments by name: the models' own names, and those that the user of the simulator added. */
export class Deployments {
  readonly #models = new Map<string, Model>();

  /** Throws a `RangeError` if `added` names a model that does not exist. */
  constructor(added: Readonly<Record<string, string>>) {
    const modelByDeployment = { ...Object.fromEntries(modelNames.map((name) => [name, name])), ...added };
    for (const [name, modelName] of Object.entries(modelByDeployment)) {
      const model = findModel(modelName);
      if (model === undefined) {
        throw new RangeError(`Deployment '${name}': there is no model '${modelName}', only ${modelNames.join(", ")}.`);
      }
      this.#models.set(name, model);
    }
  }

  /** Finds a deployment, or throws Azure's `DeploymentNotFound`. */
  find(fullName: string): Deployment {
    const [name = "", ...suffix] = fullName.split("--");
    const model = this.#models.get(name);
    const scenario = suffix.length === 0 ? {} : readSuffix(suffix.join("--"));
    if (model === undefined || scenario === undefined) throw AzureError.sample("404-deployment-not-found");
    return { name, model, scenario };
  }
}
