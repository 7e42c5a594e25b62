import { expect } from "@playwright/test";
import { ALLOWED, ATTACKS, CONTROLS, CUT } from "./attacks.js";
import { sendRaw, test } from "./fixtures.js";

test("requests that the table builds on reach Azure", async ({ startProxy, startService }) => {
  const azure = await startService((request, response) => request.resume().on("end", () => response.end("{}")));
  const { origin } = await startProxy({ endpoint: azure.url, allow: ALLOWED });
  for (const [name, bytes] of Object.entries(CONTROLS)) {
    expect(await sendRaw(origin, Buffer.from(bytes, "latin1")), name).toMatch(/^HTTP\/1.1 200 /);
  }
  expect(azure.complete).toHaveLength(Object.keys(CONTROLS).length);
});

for (const [name, bytes] of Object.entries({ ...ATTACKS, ...CUT })) {
  test(`does not pass on: ${name}`, async ({ startProxy, startService }) => {
    const azure = await startService((request, response) => request.resume().on("end", () => response.end("{}")));
    const { origin, send } = await startProxy({ endpoint: azure.url, allow: ALLOWED });
    const received = await sendRaw(origin, Buffer.from(bytes, "latin1"), name in CUT);
    // A connection that is not HTTP may end without a response.
    expect(received).toMatch(/^(HTTP\/1.1 4\d\d |$)/);
    expect(azure.complete).toEqual([]);
    // The process lives on.
    expect((await send("/openai/v1/models")).status).toBe(200);
  });
}
