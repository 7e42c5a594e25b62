"use client";

import { useState } from "react";
import { generate } from "./generate.js";

/** A server action generates the image and streams the partial images. */
export default function Page() {
  const [partialImages, setPartialImages] = useState(0);
  const [url, setUrl] = useState();

  async function show() {
    const endpoint = new URLSearchParams(location.search).get("endpoint");
    for await (const { type, blob } of await generate(endpoint)) {
      setUrl(URL.createObjectURL(blob));
      if (type === "partialImage") setPartialImages((count) => count + 1);
    }
  }
  return (
    <>
      <button onClick={show}>Generate</button>
      <output>{partialImages}</output>
      <img alt="" src={url} />
    </>
  );
}
