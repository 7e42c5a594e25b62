"use client";

import { useState } from "react";

/** A route handler generates the image. */
export default function Page() {
  const [partialImages, setPartialImages] = useState("");
  const [url, setUrl] = useState();

  async function generate() {
    const response = await fetch(`/image${location.search}`);
    setPartialImages(response.headers.get("partial-images"));
    setUrl(URL.createObjectURL(await response.blob()));
  }
  return (
    <>
      <button onClick={generate}>Generate</button>
      <output>{partialImages}</output>
      <img alt="" src={url} />
    </>
  );
}
