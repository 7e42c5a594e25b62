/**
 * Generates images for React components. Start with {@link useImageGeneration}.
 *
 * @module azure-image-client/react
 */
import { useEffect, useInsertionEffect, useRef, useState, useSyncExternalStore } from "react";
import type { AzureImageClient } from "../core/client.js";
import { Generation, IDLE, type ImageGenerationActions, type ImageGenerationState } from "../images/generation.js";

export type { ImageGenerationActions, ImageGenerationState } from "../images/generation.js";

/** The result of {@link useImageGeneration}. */
export interface ImageGeneration extends ImageGenerationState, ImageGenerationActions {}

/**
 * Generates images for a component, and shows them while they are generated.
 *
 * The component owns their object URLs. They are revoked when it unmounts, and with the next call. To keep an image, keep the
 * `GeneratedImage`, whose `objectUrl` is then a new one, or its `blob`.
 *
 * @param client The client of the next call. Another one neither cancels the running call nor resets the state: give the component a
 * `key` if the client belongs to another user. Create it outside of the component, or with `useState(() => …)`, so that it requests
 * one token.
 */
export function useImageGeneration(client: AzureImageClient): ImageGeneration {
  // Not `useMemo`: React may drop its value, and with it a call that costs money.
  const [generation] = useState(() => new Generation());
  const newest = useRef(client);
  const [actions] = useState(() => generation.actions(() => newest.current));
  // Before any effect of the page.
  useInsertionEffect(() => {
    newest.current = client;
  }, [client]);
  useEffect(() => {
    generation.mount();
    return () => generation.unmount();
  }, [generation]);
  return { ...useSyncExternalStore(generation.subscribe, generation.getState, () => IDLE), ...actions };
}
