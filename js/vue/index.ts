/**
 * Generates images for Vue components. Start with {@link useImageGeneration}.
 *
 * @module azure-image-client/vue
 */
import {
  getCurrentScope,
  hasInjectionContext,
  inject,
  onScopeDispose,
  shallowReadonly,
  shallowRef,
  ssrContextKey,
  toValue,
  type MaybeRefOrGetter,
  type ShallowRef,
} from "vue";
import type { AzureImageClient } from "../core/client.js";
import { Generation, type ImageGenerationActions, type ImageGenerationState } from "../images/generation.js";

export type { ImageGenerationActions, ImageGenerationState } from "../images/generation.js";

/** The result of {@link useImageGeneration}: readonly refs, and functions. All can be destructured. */
export interface ImageGeneration extends ImageGenerationActions {
  /** See {@link ImageGenerationState.status}. */
  readonly status: Readonly<ShallowRef<ImageGenerationState["status"]>>;
  /** See {@link ImageGenerationState.images}. */
  readonly images: Readonly<ShallowRef<ImageGenerationState["images"]>>;
  /** See {@link ImageGenerationState.partialImages}. */
  readonly partialImages: Readonly<ShallowRef<ImageGenerationState["partialImages"]>>;
  /** See {@link ImageGenerationState.progress}. */
  readonly progress: Readonly<ShallowRef<ImageGenerationState["progress"]>>;
  /** See {@link ImageGenerationState.result}. */
  readonly result: Readonly<ShallowRef<ImageGenerationState["result"]>>;
  /** See {@link ImageGenerationState.error}. */
  readonly error: Readonly<ShallowRef<ImageGenerationState["error"]>>;
}

/**
 * Generates images for a component or another effect scope, and shows them while they are generated.
 *
 * The scope owns their object URLs. They are revoked when it is disposed, such as when the component unmounts, and with the next call.
 * To keep an image, keep the `GeneratedImage`, whose `objectUrl` is then a new one, or its `blob`. Disposing the scope cancels the running
 * call; a component that `KeepAlive` deactivates keeps its call and its images, because the call is paid for. Outside of a scope,
 * call `reset()` at the end. During server-side rendering no request is sent.
 *
 * @param client The client of the next call, or a ref or getter of it. Another one neither cancels the running call nor resets the state.
 */
export function useImageGeneration(client: MaybeRefOrGetter<AzureImageClient>): ImageGeneration {
  const generation = new Generation();
  const initial = generation.getState();
  const status = shallowRef(initial.status);
  const images = shallowRef(initial.images);
  const partialImages = shallowRef(initial.partialImages);
  const progress = shallowRef(initial.progress);
  const result = shallowRef(initial.result);
  const error = shallowRef(initial.error);
  generation.subscribe(() => {
    const state = generation.getState();
    images.value = state.images;
    partialImages.value = state.partialImages;
    progress.value = state.progress;
    result.value = state.result;
    error.value = state.error;
    // Last, so that a synchronous watcher of the status reads the state that belongs to it.
    status.value = state.status;
  });
  const leave = () => generation.unmount();
  if (getCurrentScope()) onScopeDispose(leave);
  // A call in setup() would be billed on the server, and again in the browser.
  if (hasInjectionContext() && inject(ssrContextKey, undefined)) leave();
  return {
    status: shallowReadonly(status),
    images: shallowReadonly(images),
    partialImages: shallowReadonly(partialImages),
    progress: shallowReadonly(progress),
    result: shallowReadonly(result),
    error: shallowReadonly(error),
    ...generation.actions(() => toValue(client)),
  };
}
