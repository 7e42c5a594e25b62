/** Something that was done to a mask. All of them, one after the other, are the mask. */
export type Step =
  | {
      readonly kind: "stroke";
      readonly tool: "brush" | "eraser";
      /** Diameter, in pixels of the picture. */
      readonly size: number;
      readonly points: readonly Point[];
    }
  | { readonly kind: "invert" }
  | { readonly kind: "clear" }
  | {
      readonly kind: "load";
      /** Transparent where the picture is to be edited. */
      readonly bitmap: ImageBitmap;
    };

/** In pixels of the picture. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

const COLOUR = "#d3de5c";

/** Paints what is to be edited; the rest is transparent. */
export function paint(context: Context, steps: readonly Step[]): void {
  const { width, height } = context.canvas;
  context.clearRect(0, 0, width, height);
  for (const step of steps) {
    if (step.kind === "clear") context.clearRect(0, 0, width, height);
    else if (step.kind === "invert") invert(context);
    else if (step.kind === "load") load(context, step.bitmap);
    else stroke(context, step);
  }
}

function stroke(context: Context, { tool, size, points }: Step & { kind: "stroke" }): void {
  context.globalCompositeOperation = tool === "brush" ? "source-over" : "destination-out";
  context.strokeStyle = COLOUR;
  context.lineWidth = size;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.beginPath();
  for (const [index, { x, y }] of points.entries()) {
    if (index === 0) context.moveTo(x, y);
    // A line of no length is not drawn; one of hardly any is a dot.
    context.lineTo(x + (index === 0 ? 0.01 : 0), y);
  }
  context.stroke();
  context.globalCompositeOperation = "source-over";
}

function invert(context: Context): void {
  const { width, height } = context.canvas;
  context.globalCompositeOperation = "xor";
  context.fillStyle = COLOUR;
  context.fillRect(0, 0, width, height);
  context.globalCompositeOperation = "source-over";
}

function load(context: Context, bitmap: ImageBitmap): void {
  const { width, height } = context.canvas;
  context.fillStyle = COLOUR;
  context.fillRect(0, 0, width, height);
  context.globalCompositeOperation = "destination-out";
  context.drawImage(bitmap, 0, 0, width, height);
  context.globalCompositeOperation = "source-over";
}

/** The mask as Azure takes it: a PNG of the size of the picture, transparent where it may be changed. Nothing where nothing may be. */
export async function maskOf(steps: readonly Step[], { width, height }: { width: number; height: number }): Promise<Blob | undefined> {
  const painted = contextOf(width, height);
  paint(painted, steps);
  const context = contextOf(width, height);
  context.fillRect(0, 0, width, height);
  context.globalCompositeOperation = "destination-out";
  context.drawImage(painted.canvas, 0, 0);
  const isPainted = context.getImageData(0, 0, width, height).data.some((value, index) => index % 4 === 3 && value < 255);
  return isPainted ? context.canvas.convertToBlob({ type: "image/png" }) : undefined;
}

/** Something to draw on that nobody sees. */
export function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser draws no more: close some of its pages.");
  return context;
}
