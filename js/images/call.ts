import { dateOf, today } from "../core/date.js";
import { AzureImageError, type AzureImageErrorFields } from "../core/error.js";
import { GeneratedImage, type ImageRecord } from "../core/image.js";
import { captureImage } from "../core/capture.js";
import type { Inputs } from "./input.js";
import { refuseUnknownInImageCall } from "../core/members.js";
import { more } from "../core/chunks.js";
import { own } from "../core/own.js";
import { snapshotRequest, type Members } from "../core/snapshot.js";
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
export function imagesCall(operation: Operation, request: object, streamed: boolean): ImagesCall {
  return { operation, request, streamed, today: today() };
}

/** The captured images of an edit. */
export interface EditImages {
  images: unknown[];
  mask: unknown;
}

/** Captures the images of an edit, so that later changes by the page have no effect. */
export function captureImages({ image, mask }: Members): EditImages {
  return { images: listOf(image).map(captureImage), mask: captureImage(mask) };
}

/** The images of a list, or of a single image. */
function listOf(input: unknown): unknown[] {
  if (input === undefined || input === null) return [];
  const isList = typeof input === "object" && Symbol.iterator in input && !ArrayBuffer.isView(input);
  return isList ? Array.from(input as Iterable<unknown>) : [input];
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
      const call = imagesCall(operation, copy, streamed);
      if (operation === "generations") return () => call;
      const images = captureImages(copy);
      return (client, signal) => more.code.prepareEdit(client, call, images, signal);
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
