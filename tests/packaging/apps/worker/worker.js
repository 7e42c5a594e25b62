import { makePicture } from "./picture.js";

addEventListener("message", async ({ data }) => postMessage(await makePicture(data, postMessage)));
