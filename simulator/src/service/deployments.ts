/** The deployments of the simulated resource. */

import { readSuffix, type Scenario } from "../scenario/grammar.js";
import { AzureError, operationNotSupported } from "./azure-error.js";
import { findModel, type Model } from "./catalogue.js";
import { findFluxModel, fluxModelOf, type FluxModel } from "./flux-models.js";
import { findMaiModel, type MaiModel } from "./mai-models.js";
import { modelNamedIn, modelNames } from "./model-names.js";
import { textModelNames } from "./text-models.js";

/** A deployment of any model, as a request names it. */
export interface NamedDeployment {
  /** The name without its scenario words. */
  readonly name: string;
  readonly modelName: string;
  /** The scenario words in the name. */
  readonly scenario: Scenario;
}

/** A deployment with its row of the table of models. */
export interface ModelDeployment<Row> extends NamedDeployment {
  readonly model: Row;
}

/** A deployment of a model of the OpenAI image routes. */
export type Deployment = ModelDeployment<Model>;

/** The names that Azure accepts for a deployment. */
const NAME = /^[\w.-]{1,64}$/;

/** The model of a deployment whose name tells none. */
const DEFAULT_MODELS = { image: "gpt-image-2.5-flare", mai: "MAI-Image-2.7", text: "gpt-5.5" } as const;

/**
 * Finds deployments by name: the names of the models, those that the user of the simulator added, and, unless they are strict, any other
 * that Azure accepts. Letter case does not matter.
 */
export class Deployments {
  readonly #strict: boolean;
  readonly #deployments: ReadonlyMap<string, { readonly name: string; readonly modelName: string }>;

  /** Throws a `RangeError` if `added` names a model that does not exist, or nobody could ask for a deployment. */
  constructor(added: Readonly<Record<string, string>>, { strict }: { readonly strict: boolean }) {
    this.#strict = strict;
    for (const [name, modelName] of Object.entries(added)) {
      if (!modelNames.includes(modelName)) {
        throw new RangeError(`Deployment '${name}': there is no model '${modelName}', only ${modelNames.join(", ")}.`);
      }
      if (name.includes("--")) {
        throw new RangeError(`Deployment '${name}': -- begins a scenario; choose a name without.`);
      }
    }
    const all = [...modelNames.map((name) => [name, name] as const), ...Object.entries(added)];
    this.#deployments = new Map(all.map(([name, modelName]) => [name.toLowerCase(), { name, modelName }]));
  }

  /** `defaultModel` is the model of a deployment that nobody added, if its name contains none. */
  #find(fullName: string, defaultModel: string): NamedDeployment {
    const [name = "", ...suffix] = fullName.split("--");
    const known = this.#deployments.get(name.toLowerCase());
    if (known === undefined && (this.#strict || !NAME.test(name))) throw AzureError.sample("404-deployment-not-found");
    const scenario = suffix.length === 0 ? {} : readSuffix(suffix.join("--"));
    return { name, modelName: modelNamedIn(name) ?? defaultModel, ...known, scenario };
  }

  /** Finds a deployment whose model is in a table. Any other model is as unknown to the route as a missing deployment. */
  #findIn<Row>(fullName: string, defaultModel: string, findRow: (modelName: string) => Row | undefined): ModelDeployment<Row> {
    const deployment = this.#find(fullName, defaultModel);
    const model = findRow(deployment.modelName);
    if (model === undefined) throw AzureError.sample("404-deployment-not-found");
    return { ...deployment, model };
  }

  /** Finds a deployment for the OpenAI image routes, or throws the refusal of Azure. */
  find(fullName: string): Deployment {
    const deployment = this.#find(fullName, DEFAULT_MODELS.image);
    const model = findModel(deployment.modelName);
    if (model === undefined) throw operationNotSupported("imageGenerations", deployment.modelName);
    return { ...deployment, model };
  }

  /** Finds a deployment of a MAI model, or throws Azure's `DeploymentNotFound`. */
  findMai(fullName: string): ModelDeployment<MaiModel> {
    return this.#findIn(fullName, DEFAULT_MODELS.mai, findMaiModel);
  }

  /** Finds a deployment of a FLUX model, or throws Azure's `DeploymentNotFound`. `path` is the last segment of the model's route. */
  findFlux(fullName: string, path: string): ModelDeployment<FluxModel> {
    return this.#findIn(fullName, fluxModelOf(path), findFluxModel);
  }

  /** Finds a deployment of a model that answers in words, or throws the refusal of Azure. */
  findText(fullName: string): NamedDeployment {
    const deployment = this.#find(fullName, DEFAULT_MODELS.text);
    if (!textModelNames.includes(deployment.modelName)) throw operationNotSupported("responses", deployment.modelName);
    return deployment;
  }
}
