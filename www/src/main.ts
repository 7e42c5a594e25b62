import { AzureImageError, type ImageStream } from "azure-image-client";
import { connect, describeConnection, simulatorUrl } from "./connection.js";
import { find } from "./find.js";
import { Report } from "./report.js";
import { prepare, reveal, setState, showPicture, showPreview } from "./stage.js";

const form = find("request", HTMLFormElement);
const prompt = find("prompt", HTMLTextAreaElement);
const endpoint = find("endpoint", HTMLInputElement);
const generateButton = find("generate", HTMLButtonElement);
const cancelButton = find("cancel", HTMLButtonElement);
const connectionSummary = find("connection-summary", HTMLSpanElement);

/** The picture that is being made, if one is. */
let stream: ImageStream | undefined;
/** Whether anything was generated: until then the empty stage follows the form. */
let touched = false;

async function generate(): Promise<void> {
  const fields = new FormData(form);
  const request = readRequest(fields);
  touched = true;
  prepare(request.prompt, request.size, request.partialImages);
  setState("running");
  reveal();
  const report = new Report(request.partialImages);
  try {
    stream = connect(fields).generateStream(request, {
      // The strip shows them to the end; prepare() frees them before the next picture.
      keepPartials: true,
      onProgress: (progress) => report.progress(progress),
    });
    setRunning(true);
    for await (const event of stream) {
      if (event.type === "partialImage") await showPreview(event.image, event.index, request.partialImages);
      else await showPicture(event.image);
    }
    const result = await stream.result();
    for (const image of result.images) report.finished(request.prompt, image, result);
    setState("finished");
  } catch (error) {
    if (!(error instanceof AzureImageError)) throw error;
    if (error.code === "cancelled") {
      report.cancelled(error);
      setState("cancelled");
    } else {
      report.failed(error);
      setState("failed");
    }
  } finally {
    report.close();
    stream = undefined;
    setRunning(false);
  }
}

function readRequest(fields: FormData) {
  const size = String(fields.get("size"));
  return {
    prompt: String(fields.get("prompt")),
    size: size === "other" ? String(fields.get("otherSize")).trim() : size,
    quality: String(fields.get("quality")),
    partialImages: Number(fields.get("previews")),
  };
}

function setRunning(running: boolean): void {
  // Not disabled: that would take the focus away from those who pressed it with the keyboard.
  generateButton.ariaDisabled = String(running);
  if (!running && document.activeElement === cancelButton) generateButton.focus();
  cancelButton.disabled = !running;
}

/** Shows what the form says, where it is not to be seen at once. */
function reflect(): void {
  const fields = new FormData(form);
  connectionSummary.textContent = describeConnection(fields);
  const { size, partialImages } = readRequest(fields);
  if (!touched) prepare("", size, partialImages);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!stream) void generate();
});
form.addEventListener("input", reflect);
cancelButton.addEventListener("click", () => stream?.cancel());

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  if (event.key === "Escape") stream?.cancel();
});

for (const example of document.querySelectorAll<HTMLButtonElement>(".examples button")) {
  example.addEventListener("click", () => {
    prompt.value = example.value;
  });
}

endpoint.value = simulatorUrl;
reflect();
