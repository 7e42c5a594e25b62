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
