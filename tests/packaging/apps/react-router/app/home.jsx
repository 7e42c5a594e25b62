import { AzureImageClient } from "azure-image-client";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

export default function Home() {
  // The server renders this too, first without an endpoint.
  const endpoint = useSearchParams()[0].get("endpoint") ?? "/";
  const [client] = useState(() => new AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" }));
  const [hydrated, setHydrated] = useState(false);
  const [previews, setPreviews] = useState(0);
  const [image, setImage] = useState();

  useEffect(() => setHydrated(true), []);

  async function generate() {
    const stream = client.generateStream({ prompt: "a lake", partialImages: 2 });
    for await (const event of stream) if (event.type === "partialImage") setPreviews((count) => count + 1);
    const { images } = await stream.result();
    setImage(images[0]);
  }

  return (
    <>
      <button disabled={!hydrated} onClick={generate}>
        Generate
      </button>
      <output>{previews}</output>
      <img alt="" src={image?.objectUrl} />
    </>
  );
}
