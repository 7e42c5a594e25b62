/** Pictures that wait to be fetched by their URL, as those of dall-e do. */

import { randomUUID } from "node:crypto";
import type { Picture } from "../pictures/picture.js";

/** Old pictures make room beyond this number; on Azure they expire. */
const CAPACITY = 100;

/** The stand-in for Azure's blob storage. */
export class PictureStore {
  readonly #pictures = new Map<string, Picture>();

  /** Keeps a picture and returns the path of its URL. */
  add(picture: Picture): string {
    const path = `/pictures/${randomUUID()}.png`;
    this.#pictures.set(path, picture);
    const [oldest] = this.#pictures.keys();
    if (this.#pictures.size > CAPACITY && oldest !== undefined) this.#pictures.delete(oldest);
    return path;
  }

  /** Finds a picture by the path of its URL. */
  find(path: string): Picture | undefined {
    return this.#pictures.get(path);
  }

  /** Forgets every picture. */
  clear(): void {
    this.#pictures.clear();
  }
}
