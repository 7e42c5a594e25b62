import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { GeneratedImage } from "azure-image-client";

/** An image of a turn. `words`: its alternative text. */
export function Picture({ image, words, children }: { image: GeneratedImage; words: string; children?: ComponentChildren }) {
  // The object URL is revoked when another image is shown. A later read returns a new one.
  useEffect(() => () => image.dispose(), [image]);
  return (
    <figure>
      <img src={image.objectUrl} alt={words} />
      {children}
    </figure>
  );
}
