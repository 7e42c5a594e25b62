/** The options of a simulator. */

/** How a simulator behaves; everything has a default. */
export interface SimulatorOptions {
  /** The port to listen on; 0, the default, takes any that is free. */
  readonly port?: number;
  /** The address to listen on; `127.0.0.1` by default, which only this machine reaches. */
  readonly host?: string;
  /** The key that is accepted; `simulator-key` by default. */
  readonly apiKey?: string;
  /** The token that is accepted, or a function that judges one; `simulator-token` by default. */
  readonly bearerToken?: string | ((token: string) => boolean);
  /** The audience that the refusal of a token names; `https://cognitiveservices.azure.com` by default. */
  readonly audience?: string;
  /** Deployments besides those named like the models: the name of each with its model. */
  readonly deployments?: Readonly<Record<string, string>>;
  /** How long a picture takes, with the previews spread over that time; 0 by default. */
  readonly latencyInMs?: number;
  /** Another seed makes other pictures from the same prompts. */
  readonly seed?: string;
  /** Whether the id of an uploaded file may stand for a picture in the input of a response; not by default, as on Azure. */
  readonly acceptFileIds?: boolean;
  /** How many requests the log keeps, with their pictures; all of them by default. */
  readonly logLimit?: number;
}

/** The options with every default filled in. */
export type ResolvedOptions = Required<SimulatorOptions>;

/** Fills in the defaults. */
export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
  return {
    port: 0,
    host: "127.0.0.1",
    apiKey: "simulator-key",
    bearerToken: "simulator-token",
    audience: "https://cognitiveservices.azure.com",
    deployments: {},
    latencyInMs: 0,
    seed: "",
    acceptFileIds: false,
    logLimit: Number.POSITIVE_INFINITY,
    ...options,
  };
}
