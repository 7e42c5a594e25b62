import { test } from "@playwright/test";
import { packAll } from "./packed.js";

test("pack both packages", async () => {
  await packAll();
});
