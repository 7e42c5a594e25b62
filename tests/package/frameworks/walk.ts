// The steps of an app, for any framework that keeps its state.

import { AzureImageClient, AzureImageError, type GeneratedImage, type GenerateResult, type ImageStream, type ResponseJob } from "azure-image-client";

/** Everything is read from the state again before it is used, so that the framework returns it. */
export interface State {
  client: AzureImageClient;
  request: { prompt: string; size: string; partialImages: number };
  stream?: ImageStream | undefined;
  job?: ResponseJob | undefined;
  partialImages: GeneratedImage[];
  images: GeneratedImage[];
  result?: GenerateResult | undefined;
  error?: AzureImageError | undefined;
  status: string;
  fileBytes?: number | null | undefined;
}

const endpoint = () => new URLSearchParams(location.search).get("endpoint") ?? "";

export function newState(): State {
  return {
    client: new AzureImageClient(endpoint(), { key: "simulator-key" }, { deployment: "gpt-image-1", imageDeployment: "gpt-image-1" }),
    request: { prompt: "a lake", size: "1024x1024", partialImages: 2 },
    stream: undefined,
    job: undefined,
    partialImages: [],
    images: [],
    result: undefined,
    error: undefined,
    status: "idle",
    fileBytes: undefined,
  };
}

/** Streams an image, works on it in every other way, and fails once. */
export async function walk(state: State): Promise<void> {
  state.status = "running";
  state.stream = state.client.generateStream(state.request, { keepPartialImages: true });
  for await (const { type, image } of state.stream) (type === "image" ? state.images : state.partialImages).push(image);
  state.result = await state.stream.result();

  const [first] = state.images;
  const edited = await state.client.edit({ prompt: "at night", image: state.images });
  state.images.push(...edited.images);

  const input = ["Edit it: at night", { image: first! }];
  state.job = await state.client.responses.start({ model: "gpt-4.1", input });
  for await (const event of state.job) if (event.type === "image") state.images.push(event.image);
  state.fileBytes = (await state.client.files.upload(first!)).bytes;

  try {
    await state.client.generate({ ...state.request, prompt: "" });
  } catch (error) {
    state.error = error as AzureImageError;
  }
  state.status = `${state.job.status}: ${state.error?.code}`;
}

/** Releases everything that the state holds. */
export function dispose(state: State): void {
  state.stream?.dispose();
  state.job?.dispose();
  for (const image of state.images) image.dispose();
  state.status = "disposed";
}

/** Checks that a view of the state, such as a snapshot, is usable. */
export async function inspect({ client, images, result, error }: State) {
  const [image] = images;
  const url = URL.createObjectURL(image!.blob);
  URL.revokeObjectURL(url);
  const { origin } = await client.getEndpoint();
  return {
    isBlob: image!.blob instanceof Blob,
    bytes: (await image!.bytes()).length === image!.byteLength,
    sameBlob: result!.images[0]!.blob === image!.blob,
    endpoint: origin === endpoint(),
    refused: await client.responses.get("").catch((reason: unknown) => (reason instanceof AzureImageError ? reason.code : String(reason))),
    json: (JSON.parse(JSON.stringify(error)) as { code: string }).code,
  };
}

declare global {
  /** Inspects every view that the framework has of its state. */
  var inspectViews: () => Promise<Record<string, Awaited<ReturnType<typeof inspect>>>>;
}

/** Tells the test which views there are. */
export function provideViews(views: () => Record<string, unknown>): void {
  globalThis.inspectViews = async () =>
    Object.fromEntries(await Promise.all(Object.entries(views()).map(async ([name, view]) => [name, await inspect(view as State)] as const)));
}
