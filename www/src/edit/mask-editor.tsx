import { useEffect, useRef, useState } from "preact/hooks";
import { maskOf, paint, type Point, type Step } from "./mask.js";
import { type InputPicture, mask } from "./sources.js";

/** Paints over what is to be edited: with a mouse, a pen, a finger, or the keyboard. */
export function MaskEditor({ picture, onClose }: { picture: InputPicture; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState<{ width: number; height: number }>();
  const [tool, setTool] = useState<"brush" | "eraser">("brush");
  const [breadth, setBreadth] = useState(80);
  const [zoom, setZoom] = useState(100);
  const [steps, setSteps] = useState<readonly Step[]>(mask.value?.steps ?? []);
  const [undone, setUndone] = useState<readonly Step[]>([]);
  const [points, setPoints] = useState<readonly Point[]>();
  const [cursor, setCursor] = useState<Point>();

  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context) paint(context, points ? [...steps, { kind: "stroke", tool, size: breadth, points }] : steps);
  }, [steps, points, size, tool, breadth]);
  useEffect(() => dialog.current?.style.setProperty("--zoom", String(zoom / 100)), [zoom]);

  const take = (step: Step) => {
    setSteps((steps) => [...steps, step]);
    setUndone([]);
  };
  const pointOf = (event: PointerEvent): Point => {
    const { left, top, width, height } = canvas.current?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1);
    return { x: ((event.clientX - left) / width) * (size?.width ?? 0), y: ((event.clientY - top) / height) * (size?.height ?? 0) };
  };
  // Events may come faster than this is drawn anew, so what was drawn last does not know them all.
  const stroke = useRef<readonly Point[] | undefined>(undefined);
  const draw = (points: readonly Point[] | undefined) => {
    stroke.current = points;
    setPoints(points);
  };
  const finish = () => {
    if (stroke.current) take({ kind: "stroke", tool, size: breadth, points: stroke.current });
    draw(undefined);
  };

  function press(event: KeyboardEvent): void {
    if (!size) return;
    const at = cursor ?? { x: size.width / 2, y: size.height / 2 };
    const step = breadth / (event.shiftKey ? 1 : 4);
    const moves: Record<string, Point> = {
      ArrowLeft: { x: -step, y: 0 },
      ArrowRight: { x: step, y: 0 },
      ArrowUp: { x: 0, y: -step },
      ArrowDown: { x: 0, y: step },
    };
    const move = moves[event.key];
    if (!move && event.key !== " ") return;
    event.preventDefault();
    const clamp = (value: number, most: number) => Math.min(Math.max(value, 0), most);
    const to = move ? { x: clamp(at.x + move.x, size.width), y: clamp(at.y + move.y, size.height) } : at;
    setCursor(to);
    if (event.key === " ") take({ kind: "stroke", tool, size: breadth, points: [to] });
  }

  async function use(): Promise<void> {
    const blob = size && (await maskOf(steps, size));
    mask.value = blob && { blob, steps };
    dialog.current?.close();
  }

  return (
    <dialog class="window" ref={dialog} aria-label="Mask" onClose={onClose}>
      <p>Paint over what is to be changed. What is not painted stays as it is.</p>
      <div class="tools">
        <div class="choices" role="group" aria-label="Tool">
          {(["brush", "eraser"] as const).map((name) => (
            <button key={name} type="button" aria-pressed={tool === name} onClick={() => setTool(name)}>
              {name === "brush" ? "Brush" : "Eraser"}
            </button>
          ))}
        </div>
        <label>
          Size
          <input type="range" min={4} max={400} value={breadth} onInput={({ currentTarget }) => setBreadth(currentTarget.valueAsNumber)} />
        </label>
        <label>
          Zoom
          <input type="range" min={100} max={400} step={25} value={zoom} onInput={({ currentTarget }) => setZoom(currentTarget.valueAsNumber)} />
        </label>
        <button
          type="button"
          class="secondary"
          disabled={steps.length === 0}
          onClick={() => {
            setUndone([...undone, ...steps.slice(-1)]);
            setSteps(steps.slice(0, -1));
          }}
        >
          Undo
        </button>
        <button
          type="button"
          class="secondary"
          disabled={undone.length === 0}
          onClick={() => {
            setSteps([...steps, ...undone.slice(-1)]);
            setUndone(undone.slice(0, -1));
          }}
        >
          Redo
        </button>
        <button type="button" class="secondary" onClick={() => take({ kind: "invert" })}>
          Invert
        </button>
        <button type="button" class="secondary" onClick={() => take({ kind: "clear" })}>
          Clear
        </button>
        <label>
          Or take one
          <input
            type="file"
            accept="image/*"
            onChange={async ({ currentTarget }) => {
              const [file] = currentTarget.files ?? [];
              // What is no picture leaves the mask as it is.
              const bitmap = file && (await createImageBitmap(file).catch(() => undefined));
              if (bitmap) take({ kind: "load", bitmap });
              currentTarget.value = "";
            }}
          />
        </label>
      </div>
      <div class="paper">
        <div class="sheet">
          <img
            src={picture.url}
            alt={picture.name}
            onLoad={({ currentTarget }) => setSize({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })}
          />
          {size && (
            // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: its keys are its own, which is what this role says.
            <canvas
              ref={canvas}
              width={size.width}
              height={size.height}
              tabIndex={0}
              role="application"
              aria-label="Mask: the arrow keys move the brush, the space bar paints"
              onKeyDown={press}
              onPointerDown={(event) => {
                event.currentTarget.setPointerCapture(event.pointerId);
                draw([pointOf(event)]);
              }}
              onPointerMove={(event) => stroke.current && draw([...stroke.current, pointOf(event)])}
              onPointerUp={finish}
              onPointerCancel={() => draw(undefined)}
            />
          )}
          {size && cursor && <Cursor at={cursor} of={size} breadth={breadth} />}
        </div>
      </div>
      <div class="tools">
        <button type="button" class="primary" onClick={() => void use()}>
          Use the mask
        </button>
        <button type="button" class="secondary" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
      </div>
    </dialog>
  );
}

/** Where the keyboard paints. */
function Cursor({ at, of, breadth }: { at: Point; of: { width: number; height: number }; breadth: number }) {
  const ref = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const percent = (part: number, whole: number) => `${(100 * part) / whole}%`;
    ref.current?.style.setProperty("left", percent(at.x - breadth / 2, of.width));
    ref.current?.style.setProperty("top", percent(at.y - breadth / 2, of.height));
    ref.current?.style.setProperty("width", percent(breadth, of.width));
    ref.current?.style.setProperty("height", percent(breadth, of.height));
    ref.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [at, of, breadth]);
  return <span class="cursor" ref={ref} />;
}
