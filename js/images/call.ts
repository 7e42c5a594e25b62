import { dateOf } from "../core/date.js";
import { AzureImageError, type AzureImageErrorFields } from "../core/error.js";
import { GeneratedImage, type ImageRecord } from "../core/image.js";
import { captureInputs, encodeInputs, prepareInputs, type Inputs } from "./input.js";
import { refuseUnknownInImageCall } from "../core/members.js";
import { own } from "../core/own.js";
import { snapshotRequest } from "../core/snapshot.js";
import type { Work } from "../core/task.js";
import type { CallOptions, EditRequest, GenerateRequest, GenerateResult, Usage } from "../core/types.js";

/** The operations of the Images API, in Azure's words. */
export type Operation = "generations" | "edits";

/** A call as the engine reads it. */
export interface ImagesCall {
  operation: Operation;
  request: object;
  streamed: boolean;
  inputs?: Inputs | undefined;
  today: string;
}

/** Creates the engine's record of a call. */
export function imagesCall(operation: Operation, request: object, streamed: boolean, inputs?: Inputs): ImagesCall {
  return { operation, request, streamed, inputs, today: today() };
}

/** The date in UTC, as the catalog writes it. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** The listeners of a call. `imageIndex` is the number of the image among the requested ones. */
export interface ImagesObserver {
  partialImage?(image: GeneratedImage, index: number, imageIndex: number): void;
  image?(image: GeneratedImage, imageIndex: number, details: { usage?: Usage; requestId?: string }): void;
}

type FinishedRecord = ImageRecord & { imageIndex: number; usage?: Usage; requestId?: string };

type EventRecord = (FinishedRecord & { type: "image" }) | (ImageRecord & { type: "partialImage"; imageIndex: number; index: number });

type ResultRecord = Omit<GenerateResult, "images" | "failures" | "createdOn"> & {
  created?: number;
  images: FinishedRecord[];
  failures: { imageIndex: number; error: AzureImageErrorFields }[];
};

/** A call of the Images API. */
export function imagesWork(
  operation: Operation,
  request: GenerateRequest | EditRequest,
  streamed: boolean,
  options: CallOptions,
  listeners: ImagesObserver,
): Work<GenerateResult> {
  const observer = own(listeners);
  const images: GeneratedImage[] = [];
  /** The last partial image of each image. */
  const partialImages = new Map<number, GeneratedImage>();
  let lastPartialImage: GeneratedImage | undefined;

  function add(finished: FinishedRecord): () => void {
    const { imageIndex, usage, requestId, ...record } = own(finished);
    const image = new GeneratedImage(record);
    images[imageIndex] = image;
    return () => observer.image?.(image, imageIndex, { ...(usage && { usage }), ...(requestId && { requestId }) });
  }

  return {
    kind: operation === "edits" ? "edit" : "generate",
    begin() {
      const copy = snapshotRequest(request);
      refuseUnknownInImageCall(operation, streamed, copy, options);
      const captured = operation === "edits" ? captureInputs(copy) : undefined;
      return async (client, signal) => {
        const inputs = captured && (await prepareInputs(client, captured));
        const call = imagesCall(operation, copy, streamed, inputs);
        return inputs && client.embedsImages(call) ? { ...call, inputs: await encodeInputs(client, inputs, signal) } : call;
      };
    },
    event(record) {
      const event = record as EventRecord;
      if (event.type === "image") return add(event)();
      const { imageIndex, index, ...rest } = event;
      const image = (lastPartialImage = new GeneratedImage(rest));
      partialImages.set(imageIndex, image);
      observer.partialImage?.(image, index, imageIndex);
    },
    succeed(record) {
      const { images: unreported, failures, created, warnings = [], ...rest } = own(record as ResultRecord);
      const deliveries = unreported.map(add);
      const errors = failures.map(({ imageIndex, error }) => ({ imageIndex, error: AzureImageError.from(error, partialImages.get(imageIndex)) }));
      const result = {
        images: images.filter((image) => image !== undefined),
        ...rest,
        ...(created !== undefined && { createdOn: dateOf(created) }),
        ...(errors.length > 0 && { failures: errors }),
        ...(warnings.length > 0 && { warnings }),
      };
      const deliver = () => {
        for (const deliverImage of deliveries) deliverImage();
      };
      return { result, deliver };
    },
    fail(reason) {
      if (reason instanceof AzureImageError) return reason;
      const { images: unreported = [], ...fields } = own(Object(reason) as AzureImageErrorFields & { images?: FinishedRecord[] });
      for (const record of unreported) add(record);
      const arrived = images.filter((image) => image !== undefined);
      return AzureImageError.from(arrived.length > 0 ? { ...fields, images: arrived } : reason, lastPartialImage);
    },
  };
}
