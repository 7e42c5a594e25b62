// A test of an app as far as a compiler sees it, which may know neither a page nor Node.

import { type PictureEntry, type RequestEntry, scenarioWords, type Simulator, type SimulatorOptions, startSimulator } from "azure-image-simulator";

const port: number | undefined = undefined;
const options: SimulatorOptions = { port, deployments: { mine: "gpt-image-2" }, bearerToken: (token) => token !== "", scenario: ["stall"] };

export async function use(work: (url: string) => Promise<void>): Promise<[readonly RequestEntry[], PictureEntry | undefined, string[]]> {
  const simulator: Simulator = await startSimulator(options);
  await work(simulator.url);
  await simulator.close();
  return [simulator.requests, simulator.pictures[0], scenarioWords.map(({ name }) => name)];
}

// @ts-expect-error: a mistake is found.
void startSimulator({ latency: 1 });
