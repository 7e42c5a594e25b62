import type { GeneratedImage } from "azure-image-client";
import { find } from "./find.js";
import { previewName } from "./words.js";

const stage = find("stage", HTMLElement);
const pictures = find("pictures", HTMLDivElement);
const badge = find("badge", HTMLParagraphElement);
const strip = find("strip", HTMLOListElement);
const slotTemplate = find("slot-template", HTMLTemplateElement);

/** What the stage holds; their object URLs live until the next picture is begun. */
let shown: GeneratedImage[] = [];
let altText = "";

/** Says how the call goes; the style sheet does the rest. */
export function setState(state: "running" | "waiting" | "finished" | "failed" | "cancelled"): void {
  stage.dataset["state"] = state;
}

/** Clears the stage for a picture of this size, with an empty slot for each preview and one for the picture. */
export function prepare(prompt: string, size: string, previews: number): void {
  for (const image of shown) image.dispose();
  shown = [];
  altText = prompt;
  pictures.replaceChildren();
  badge.hidden = true;
  const [width = 0, height = 0] = size.split("x").map(Number);
  setShape(width, height);
  const names = Array.from({ length: previews }, (_, index) => previewName(index + 1, previews));
  strip.replaceChildren(...[...names, "Picture"].map(slot));
}

/** Shows a preview, under a label that says that it is one. */
export async function showPreview(image: GeneratedImage, index: number, previews: number): Promise<void> {
  await add(image, index, previewName(index + 1, previews));
}

/** Shows the finished picture. */
export async function showPicture(image: GeneratedImage): Promise<void> {
  await add(image, strip.children.length - 1, "");
}

/** Brings the stage into view where it is below the form. */
export function reveal(): void {
  stage.scrollIntoView({ block: "nearest" });
}

async function add(image: GeneratedImage, position: number, label: string): Promise<void> {
  shown.push(image);
  const picture = new Image();
  picture.src = image.objectUrl;
  picture.alt = label ? `${label}: ${altText}` : altText;
  // Decoded before it is shown, it fades in whole. What the browser cannot decode shows its alt text.
  await picture.decode().catch(() => {});
  setShape(picture.naturalWidth, picture.naturalHeight);

  const button = strip.children[position]?.querySelector("button");
  const show = () => {
    for (const other of strip.querySelectorAll("button")) other.ariaPressed = String(other === button);
    badge.textContent = label;
    badge.hidden = label === "";
    void crossFade(picture);
  };
  if (button) {
    button.disabled = false;
    button.onclick = show;
    const thumbnail = new Image();
    thumbnail.src = image.objectUrl;
    thumbnail.alt = "";
    button.querySelector(".thumbnail")?.replaceChildren(thumbnail);
  }
  show();
}

/** Fades a picture in above the one that is there, which goes when it is covered. */
async function crossFade(picture: HTMLImageElement): Promise<void> {
  if (pictures.lastChild === picture) return;
  pictures.append(picture);
  await Promise.allSettled(picture.getAnimations().map((animation) => animation.finished));
  while (picture.previousSibling) picture.previousSibling.remove();
}

function setShape(width: number, height: number): void {
  stage.style.setProperty("--ratio", width > 0 && height > 0 ? String(width / height) : "1");
}

function slot(name: string): DocumentFragment {
  const fragment = slotTemplate.content.cloneNode(true) as DocumentFragment;
  const label = fragment.querySelector(".label");
  if (label) label.textContent = name;
  return fragment;
}
