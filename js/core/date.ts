/** A point in time that Azure writes as seconds since 1970. */
export function dateOf(seconds: number): Date {
  return new Date(seconds * 1000);
}

/** The date in UTC, as the catalog writes it. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
