// State of Vue for the compiler: a value from a ref is accepted again.

import {
  AzureImageClient,
  type AzureImageError,
  type GeneratedImage,
  type GenerateResult,
  type ImageStream,
  type ResponseJob,
} from "azure-image-client";
import { type ImageGeneration, type ImageGenerationState, useImageGeneration } from "azure-image-client/vue";
import { computed, reactive, readonly, ref, shallowRef, type UnwrapRef } from "vue";

/** True if the type of a value in a ref is assignable to the original type. */
type Survives<Type> = UnwrapRef<Type> extends Type ? true : false;

export const survivors: [
  Survives<AzureImageClient>,
  Survives<AzureImageError>,
  Survives<GeneratedImage>,
  Survives<GenerateResult>,
  Survives<ImageStream>,
  Survives<ResponseJob>,
] = [true, true, true, true, true, true];

const client = ref(new AzureImageClient("https://x.openai.azure.com", null));
const images = ref<GeneratedImage[]>([]);
const stream = ref<ImageStream>();
const state = reactive({ client: client.value, images: images.value, error: shallowRef<AzureImageError>() });

export async function edit(): Promise<AzureImageClient> {
  const [first] = images.value;
  const { images: edited } = await client.value.edit({ prompt: "b", image: first ?? state.images });
  images.value.push(...edited);
  await client.value.edit({ prompt: "c", image: readonly(images.value) });
  images.value = edited;
  stream.value = client.value.generateStream({ prompt: "a" });
  for await (const { image } of stream.value) images.value.push(image);
  const { id } = await state.client.files.upload(state.images[0]?.blob ?? "data:,");
  await client.value.responses.create({ model: "gpt-4.1", input: [{ fileId: id }, { image: images.value[0] ?? "data:," }] });
  return client.value;
}

/** A test double needs the public members and no more. */
export const useDouble = (double: Pick<GeneratedImage, keyof GeneratedImage>): GeneratedImage => double;

// The client may be the client itself, a ref, a shallow ref, a computed one or a getter.
export const generations: ImageGeneration[] = [
  useImageGeneration(client.value),
  useImageGeneration(client),
  useImageGeneration(shallowRef(state.client)),
  useImageGeneration(computed(() => state.client)),
  useImageGeneration(() => client.value),
];

export function studio() {
  const { status, images, partialImages, progress, result, error, generate, edit, cancel, reset } = useImageGeneration(client);
  // @ts-expect-error: the state is readonly.
  status.value = "idle";
  // @ts-expect-error: a call needs a prompt.
  const draw = () => generate({ n: 2 });
  const redraw = async (): Promise<GenerateResult | undefined> => edit({ prompt: "b", image: images.value[0] ?? [] });
  const shown: GeneratedImage | undefined = images.value[0] ?? partialImages.value[0];
  const title = computed(() => `${progress.value?.stage} ${result.value?.usage?.totalTokens} ${error.value?.code}`);
  return { shown, title, draw, redraw, cancel, reset };
}

// @ts-expect-error: there is no such status.
export const isOver = ({ status }: ImageGenerationState): boolean => status === "completed";
