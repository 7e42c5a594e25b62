/**
 * Makes pictures for React components. Begin with {@link useImageGeneration}.
 *
 * @module azure-image-client/react
 */
import { useEffect, useInsertionEffect, useRef, useState, useSyncExternalStore } from "react";
import type { AzureImageClient } from "../client.js";
import type { EditStreamRequest, GenerateResult, GenerateStreamRequest } from "../types.js";
import { Generation, IDLE, type ImageGenerationState } from "./generation.js";

export type { ImageGenerationState } from "./generation.js";

/** What {@link useImageGeneration} gives to a component. The functions stay the same. */
export interface ImageGeneration extends ImageGenerationState {
  /**
   * Makes pictures from a prompt. Resolves with the outcome, or with `undefined` where it failed or was cancelled, which the state
   * says; never rejects. A call that is still under way is cancelled, and may be billed all the same.
   */
  generate(request: GenerateStreamRequest): Promise<GenerateResult | undefined>;
  /** The same, from pictures. */
  edit(request: EditStreamRequest): Promise<GenerateResult | undefined>;
  /** Ends the call that is under way. What has come of it stays. */
  cancel(): void;
  /** The same, and forgets what has come. */
  reset(): void;
}

/**
 * Makes pictures for a component, and shows them while they are being made.
 *
 * Their object URLs are the component's: they are freed when it unmounts, and with the next call. To keep a picture, keep the
 * `GeneratedImage`, whose `objectUrl`, read again, is a new one, or its `blob`.
 *
 * @param client Who makes them, from the next call on: another one ends nothing and forgets nothing, so give the component a `key` where it
 * stands for another user. Made outside of the component, or by `useState(() => …)`, it asks for a token once.
 */
export function useImageGeneration(client: AzureImageClient): ImageGeneration {
  // Not by `useMemo`: React may forget what that keeps, and with it a call that costs money.
  const [generation] = useState(() => new Generation());
  const newest = useRef(client);
  const [functions] = useState(() => ({
    generate: (request: GenerateStreamRequest) => generation.start((options) => newest.current.generateStream(request, options)),
    edit: (request: EditStreamRequest) => generation.start((options) => newest.current.editStream(request, options)),
    cancel: () => generation.cancel(),
    reset: () => generation.reset(),
  }));
  // Before any effect of the page's own.
  useInsertionEffect(() => {
    newest.current = client;
  }, [client]);
  useEffect(() => {
    generation.mount();
    return () => generation.unmount();
  }, [generation]);
  return { ...useSyncExternalStore(generation.subscribe, generation.getState, () => IDLE), ...functions };
}
