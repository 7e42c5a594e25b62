import { createHash } from "node:crypto";
import { makePicture } from "./picture.js";

test("generates an image", async () => {
  const counts = [];
  const image = await makePicture(process.env.ENDPOINT, (count) => counts.push(count));
  const sha256 = createHash("sha256")
    .update(Buffer.from(await image.arrayBuffer()))
    .digest("hex");
  console.log(`RESULT ${JSON.stringify({ partialImages: counts.length, type: image.type, sha256 })}`);
});
