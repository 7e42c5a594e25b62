/** The api-versions that the routes accept. */

import { AzureError } from "./azure-error.js";

const v1Versions: readonly string[] = ["v1", "preview", "latest"];

const datedVersions: readonly string[] = [
  "2024-02-01",
  "2024-02-15-preview",
  "2024-03-01-preview",
  "2024-04-01-preview",
  "2024-05-01-preview",
  "2024-06-01",
  "2024-07-01-preview",
  "2024-08-01-preview",
  "2024-09-01-preview",
  "2024-10-01-preview",
  "2024-10-21",
  "2024-12-01-preview",
  "2025-01-01-preview",
  "2025-02-01-preview",
  "2025-03-01-preview",
  "2025-04-01-preview",
];

/** Checks the version on a v1 route, where it may be left out. */
export function checkV1Version(version: string | undefined): void {
  if (version !== undefined && !v1Versions.includes(version)) throw AzureError.sample("400-api-version-unsupported");
}

/** Checks the version on a classic route, where it must be given, and returns it. */
export function checkDatedVersion(version: string | undefined): string {
  if (version === undefined) throw AzureError.sample("404-resource-not-found");
  if (!datedVersions.includes(version)) throw AzureError.sample("400-api-version-unsupported");
  return version;
}

const DATED_PROJECT_VERSION = "2025-11-15-preview";

/** Checks the version on the routes of agents, where it must be given. */
export function checkAgentsVersion(version: string | undefined): void {
  if (version === undefined) {
    throw new AzureError({
      status: 400,
      body: {
        error: {
          code: "MissingApiVersionParameter",
          message: "The api-version query parameter (?api-version=) is required for all requests.",
        },
      },
    });
  }
  if (version !== "v1" && version !== DATED_PROJECT_VERSION) throw AzureError.sample("400-api-version-unsupported");
}

function checkOnlyVersion(version: string | undefined, only: string): void {
  if (version === undefined) throw AzureError.sample("404-resource-not-found");
  if (version !== only) throw AzureError.sample("400-api-version-unsupported");
}

/** Checks the version on the older routes of a project, which have one only. */
export function checkDatedProjectVersion(version: string | undefined): void {
  checkOnlyVersion(version, DATED_PROJECT_VERSION);
}

/** Checks the version on the routes of FLUX models, which have one only. */
export function checkFluxVersion(version: string | undefined): void {
  checkOnlyVersion(version, "preview");
}

/** Checks that no version is given on the newer routes of a project, where none belongs. */
export function checkNoVersion(version: string | undefined): void {
  if (version !== undefined) throw AzureError.sample("400-api-version-unsupported");
}
