import { useEffect, useRef } from "preact/hooks";
import type { GeneratedImage } from "azure-image-client";

/** Shows a picture: whole, since it is decoded before, and fading in above the one that was there. */
export function Pictures({ image, alt, onRatio }: { image: GeneratedImage | undefined; alt: string; onRatio: (ratio: number) => void }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!image) {
      frame.current?.replaceChildren();
      return;
    }
    let isNewest = true;
    const picture = new Image();
    picture.src = image.objectUrl;
    picture.alt = alt;
    const show = async () => {
      // What the browser cannot decode shows its alt text.
      await picture.decode().catch(() => {});
      if (!isNewest) return;
      if (picture.naturalWidth > 0) onRatio(picture.naturalWidth / picture.naturalHeight);
      // What is being covered is nothing to be read any more.
      for (const covered of frame.current?.querySelectorAll("img") ?? []) covered.alt = "";
      frame.current?.append(picture);
      await Promise.allSettled(picture.getAnimations().map((animation) => animation.finished));
      while (picture.previousSibling) picture.previousSibling.remove();
    };
    void show();
    return () => {
      isNewest = false;
    };
  }, [image, alt, onRatio]);
  return <div id="pictures" ref={frame} />;
}
