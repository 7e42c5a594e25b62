/** The state of a simulated resource, shared by its routes. */

import { Log } from "../log.js";
import type { ResolvedOptions } from "../options.js";
import { Attempts } from "../scenario/attempts.js";
import { readWords, type Scenario } from "../scenario/grammar.js";
import { Deployments } from "./deployments.js";
import { PictureStore } from "./picture-store.js";
import { Workspaces } from "./workspace.js";

/** A simulated resource. */
export interface Service {
  readonly options: ResolvedOptions;
  /** The scenario of every request that may carry words. */
  readonly scenario: Scenario;
  readonly deployments: Deployments;
  readonly log: Log;
  readonly attempts: Attempts;
  readonly store: PictureStore;
  readonly workspaces: Workspaces;
}

/** Sets a resource up; throws if an option names a scenario or a model that does not exist. */
export function createService(options: ResolvedOptions): Service {
  return {
    options,
    scenario: readWords(options.scenario),
    deployments: new Deployments(options.deployments, { strict: options.strictDeployments }),
    log: new Log(options.logLimit),
    attempts: new Attempts(),
    store: new PictureStore(),
    workspaces: new Workspaces(),
  };
}
