import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { publicApi } from "../types/public-api.js";
import { root } from "./installed.js";

for (const [name, folder] of [["azure-image-client", root], ["azure-image-simulator", join(root, "simulator")]] as const) {
  test(`${name} has the public types that it is known to have, each with a name and a comment`, () => {
    const { text, undocumented, unnamed } = publicApi(folder);
    expect.soft(undocumented, "without a comment").toEqual([]);
    expect.soft(unnamed, "mentioned, but not exported").toEqual([]);
    const advice =
      "The public types have changed. If it is meant, say so in CHANGELOG.md, and run `npm run api`, which writes what they are now. What no longer " +
      "compiles for somebody is a breaking change.";
    expect(text, advice).toMatchSnapshot(`${name}.txt`);
  });
}
