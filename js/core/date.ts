/** A point in time that Azure writes as seconds since 1970. */
export function dateOf(seconds: number): Date {
  return new Date(seconds * 1000);
}
