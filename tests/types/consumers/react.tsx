// A component as far as a compiler sees it.

import { AzureImageClient, type AzureImageErrorCode, type GenerateResult } from "azure-image-client";
import { type ImageGeneration, type ImageGenerationState, useImageGeneration } from "azure-image-client/react";

const client = new AzureImageClient("https://x.openai.azure.com", null);

export function Studio({ prompt }: { prompt: string }) {
  const generation: ImageGeneration = useImageGeneration(client);
  const { status, images, partialImages, progress, result, error, generate, edit, cancel, reset } = generation;
  // @ts-expect-error: a call needs a prompt.
  const draw = () => generate({ n: 2 });
  const redraw = async (): Promise<GenerateResult | undefined> => edit({ prompt, image: images[0]?.blob ?? [] });
  const wait: AzureImageErrorCode | number | undefined = error?.code === "rate_limit" ? error.retryAfterInMs : error?.code;
  return (
    <section aria-busy={status === "running"} title={String(result?.usage?.totalTokens)}>
      <button onClick={draw} onDoubleClick={redraw} onBlur={cancel} onReset={reset}>
        {progress?.stage} {wait}
      </button>
      <img src={(images[0] ?? partialImages[0])?.objectUrl} alt={prompt} />
    </section>
  );
}

// @ts-expect-error: there is no such status.
export const isOver = ({ status }: ImageGenerationState): boolean => status === "completed";
