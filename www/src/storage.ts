// What the page keeps in this browser besides its pictures: small, and never needed.

const PREFIX = "azure-image-client/";

/** Reads what was kept under a name. A browser that keeps nothing, or something that is no JSON, reads as nothing. */
export function read(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? "null");
  } catch {
    return null;
  }
}

/** Keeps a value under a name, in the place of what was there. */
export function write(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing loses it with the page, as it is told to.
  }
}
