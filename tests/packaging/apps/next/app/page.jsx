"use client";

import { useState } from "react";
import { makePicture } from "../picture.js";

export default function Page() {
  const [previews, setPreviews] = useState();
  const [source, setSource] = useState();
  const draw = async () => {
    const endpoint = new URLSearchParams(location.search).get("endpoint");
    setSource(URL.createObjectURL(await makePicture(endpoint, setPreviews)));
  };
  return (
    <>
      <button onClick={draw}>Draw</button>
      <output>{previews}</output>
      <img alt="" src={source} />
    </>
  );
}
