import { computed, effect, signal } from "@preact/signals";
import { read, write } from "../storage.js";
import { BUILT_IN } from "../built-in/endpoint.js";

/** Where calls go, and with what they are let in: the fields of "Connection". */
export interface Profile {
  readonly endpoint: string;
  readonly deployment: string;
  /** What the deployment is of; empty: its name tells. */
  readonly model: string;
  readonly credential: string;
  readonly key: string;
  readonly token: string;
  /** Allows the key to be sent to another origin. */
  readonly keyIsMine: boolean;
  /** Lets this browser keep the key. */
  readonly rememberKey: boolean;
  /** Of the app registration that signs in. */
  readonly clientId: string;
  readonly tenantId: string;
}

const SIMULATOR: Profile = {
  endpoint: "http://127.0.0.1:8787",
  deployment: "gpt-image-2.5-flare",
  model: "gpt-image-2.5-flare",
  credential: "key",
  key: "simulator-key",
  token: "",
  keyIsMine: false,
  rememberKey: false,
  clientId: "",
  tenantId: "",
};

const { VITE_ENDPOINT: endpoint, VITE_CREDENTIAL: credential } = import.meta.env;
/**
 * What the page begins with: what `npm start` gives, its simulator or, with `--azure`, a path of the page's own server, which adds the
 * credential. A page that only lies somewhere as files draws itself.
 */
const GIVEN: Profile = endpoint && credential ? { ...SIMULATOR, endpoint, credential } : { ...SIMULATOR, endpoint: BUILT_IN, credential: "none" };

const simulator = GIVEN.credential === "key" ? GIVEN : SIMULATOR;
/** A second model, of another service. */
const MAI = { deployment: "MAI-Image-2.6", model: "MAI-Image-2.6" };
/** The connections that are there without being saved. The simulator acts as a resource, and as a Foundry project. */
const OWN: readonly Profile[] = [
  ...new Set([GIVEN, simulator, { ...simulator, ...MAI }, { ...simulator, endpoint: `${simulator.endpoint}/api/projects/demo` }]),
];

const STORED = "profiles";
const CHOSEN = "chosen";

const saved = signal<readonly Profile[]>(readSaved());
/** All of them, each name once: a saved one stands for one of the same name. */
export const profiles = computed(() => {
  const names = new Set(saved.value.map(nameOf));
  return [...OWN.filter((profile) => !names.has(nameOf(profile))), ...saved.value];
});
/** The one that the form was filled from. */
export const chosen = signal(lastChosen() ?? GIVEN);
effect(() => write(CHOSEN, { name: nameOf(chosen.value), given: GIVEN.endpoint }));

/** Reads the form. */
export function readProfile(fields: FormData): Profile {
  return {
    endpoint: withoutSecrets(text(fields, "endpoint")),
    deployment: text(fields, "deployment"),
    model: text(fields, "model"),
    credential: text(fields, "credential"),
    key: text(fields, "key"),
    token: text(fields, "token"),
    keyIsMine: fields.has("keyIsMine"),
    rememberKey: fields.has("rememberKey"),
    clientId: text(fields, "clientId"),
    tenantId: text(fields, "tenantId"),
  };
}

/** An endpoint as it may be shown and kept: what stands in it for a password, or behind a question mark, is not. */
function withoutSecrets(endpoint: string): string {
  if (!URL.canParse(endpoint)) return endpoint;
  const url = new URL(endpoint);
  const isPlain = url.username === "" && url.password === "" && [...url.searchParams.keys()].every((name) => name === "api-version");
  return isPlain ? endpoint : `${url.origin}${url.pathname}`;
}

/** What a field of the form says. */
export function text(fields: FormData, name: string): string {
  return String(fields.get(name) ?? "").trim();
}

/** A profile in one line, by which it is found again; without its secrets. */
export function nameOf(profile: Profile): string {
  const { deployment, endpoint } = profile;
  if (endpoint === BUILT_IN) return "Drawn in this page";
  const isSimulator = deployment === SIMULATOR.deployment && OWN.some((own) => own.endpoint === endpoint && own.credential === "key");
  return `${isSimulator ? "Simulator" : deployment} at ${endpoint.replace(/^https:\/\//, "")}`;
}

/** Saves a profile, in the place of one of the same name. */
export function save(profile: Profile): void {
  saved.value = [...saved.value.filter((other) => nameOf(other) !== nameOf(profile)), profile];
  keep();
  chosen.value = profile;
}

/** The one that a form is still as it was filled from. */
export function profileOf(fields: FormData): Profile | undefined {
  const now = JSON.stringify(readProfile(fields));
  return profiles.value.find((profile) => JSON.stringify({ ...GIVEN, ...profile }) === now);
}

/** Whether it can be forgotten. */
export function isSaved(profile: Profile): boolean {
  return saved.value.includes(profile);
}

/** Forgets what was saved, its key too. */
export function forget(profile: Profile): void {
  saved.value = saved.value.filter((other) => other !== profile);
  keep();
  chosen.value = GIVEN;
}

/** The key stays in memory, unless the person said otherwise. A token is never kept. */
function keep(): void {
  const stored = saved.value.map((profile) => ({ ...profile, token: "", ...(!profile.rememberKey && { key: "" }) }));
  write(STORED, stored);
}

function readSaved(): Profile[] {
  const stored = read(STORED);
  return Array.isArray(stored) ? stored.filter(isProfile) : [];
}

/** What lies in a browser may have been written by anything. */
function isProfile(stored: unknown): stored is Profile {
  const members = (stored ?? {}) as Record<string, unknown>;
  return Object.entries(GIVEN).every(([name, value]) => typeof members[name] === typeof value);
}

/** What was chosen at the last visit; unless the page has been started for another endpoint since, which is then meant. */
function lastChosen(): Profile | undefined {
  const { name, given } = (read(CHOSEN) ?? {}) as { name?: string; given?: string };
  return given === GIVEN.endpoint ? profiles.value.find((profile) => nameOf(profile) === name) : undefined;
}
