"use client";

import { AzureImageClient } from "azure-image-client";
import { useImageGeneration } from "azure-image-client/react";
import { useState } from "react";

// A server renders this too, and knows no endpoint.
const endpoint = () => (typeof location === "undefined" ? "/" : new URLSearchParams(location.search).get("endpoint"));

export function Studio() {
  const [client] = useState(() => new AzureImageClient(endpoint(), { key: "simulator-key" }, { deployment: "gpt-image-1" }));
  const { progress, images, generate } = useImageGeneration(client);
  return (
    <>
      <button onClick={() => generate({ prompt: "a lake", partialImages: 2 })}>Draw</button>
      <output>{progress?.partialImages}</output>
      <img alt="" src={images[0]?.objectUrl} />
    </>
  );
}
