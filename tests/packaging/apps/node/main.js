import { createHash } from "node:crypto";
import { makePicture } from "./picture.js";

const seen = [];
const picture = await makePicture(process.env.ENDPOINT, (partialImages) => seen.push(partialImages));
const sha256 = createHash("sha256")
  .update(await picture.bytes())
  .digest("hex");
console.log(`RESULT ${JSON.stringify({ partialImages: seen.length, type: picture.type, sha256 })}`);
