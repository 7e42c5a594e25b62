/** A local Azure for image generation: see the README for its routes, deployments and scenarios. */

export type { FileEntry, PictureEntry, RequestEntry } from "./log.js";
export type { SimulatorOptions } from "./options.js";
export { scenarioWords, type ScenarioWord } from "./scenario/grammar.js";
export { startSimulator, type Simulator } from "./simulator.js";
