/** The deployments of the simulated resource. */

import { readSuffix, type Scenario } from "../scenario/grammar.js";
import { AzureError, operationNotSupported } from "./azure-error.js";
import { findModel, modelNames, type Model } from "./catalogue.js";
import { textModelNames } from "./text-models.js";

/** A deployment of any model, as a request names it. */
export interface NamedDeployment {
  /** The name without its scenario words. */
  readonly name: string;
  readonly modelName: string;
  /** The scenario words in the name. */
  readonly scenario: Scenario;
}

/** A deployment of an image model, as a request names it. */
export interface Deployment extends NamedDeployment {
  readonly model: Model;
}

/** Finds deployments by name: the models' own names, and those that the user of the simulator added. */
export class Deployments {
  readonly #modelNames: ReadonlyMap<string, string>;

  /** Throws a `RangeError` if `added` names a model that does not exist, or nobody could ask for a deployment. */
  constructor(added: Readonly<Record<string, string>>) {
    const known = [...modelNames, ...textModelNames];
    for (const [name, modelName] of Object.entries(added)) {
      if (!known.includes(modelName)) {
        throw new RangeError(`Deployment '${name}': there is no model '${modelName}', only ${known.join(", ")}.`);
      }
      if (name.includes("--")) {
        throw new RangeError(`Deployment '${name}': -- begins a scenario; choose a name without.`);
      }
    }
    this.#modelNames = new Map([...known.map((name) => [name, name] as const), ...Object.entries(added)]);
  }

  #find(fullName: string): NamedDeployment {
    const [name = "", ...suffix] = fullName.split("--");
    const modelName = this.#modelNames.get(name);
    const scenario = suffix.length === 0 ? {} : readSuffix(suffix.join("--"));
    if (modelName === undefined || scenario === undefined) throw AzureError.sample("404-deployment-not-found");
    return { name, modelName, scenario };
  }

  /** Finds a deployment of an image model, or throws Azure's `DeploymentNotFound`. */
  find(fullName: string): Deployment {
    const deployment = this.#find(fullName);
    const model = findModel(deployment.modelName);
    if (model === undefined) throw operationNotSupported("imageGenerations", deployment.modelName);
    return { ...deployment, model };
  }

  /** Finds a deployment of a model that answers in words, or throws Azure's `DeploymentNotFound`. */
  findText(fullName: string): NamedDeployment {
    const deployment = this.#find(fullName);
    if (!textModelNames.includes(deployment.modelName)) throw operationNotSupported("responses", deployment.modelName);
    return deployment;
  }
}
