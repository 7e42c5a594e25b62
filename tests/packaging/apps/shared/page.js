import { makePicture } from "./picture.js";

const image = document.querySelector("img");
document.querySelector("button").onclick = async () => {
  const endpoint = new URLSearchParams(location.search).get("endpoint");
  const picture = await makePicture(endpoint, (partialImages) => (document.querySelector("output").value = partialImages));
  image.src = URL.createObjectURL(picture);
};
