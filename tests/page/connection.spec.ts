import { ids, simulateEntra } from "../client/identity/entra.js";
import { expect, generate, status, test } from "./fixtures.js";

test("does not send a wrong key twice, and says whose mistake it is", async ({ page, simulator, consoleErrors }) => {
  await page.getByRole("textbox", { name: "API key" }).fill("not-the-key");
  await generate(page).click();
  await expect(page.getByRole("alert")).toContainText("not billed · authentication · HTTP 401");
  expect(simulator.requests.filter((request) => request.method === "POST")).toHaveLength(1);
  // The browser's own report of the status, which no page can prevent.
  expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("401")]);
});

test("sends a token, or nothing", { tag: "@nightly" }, async ({ page, simulator, consoleErrors }) => {
  await page.getByRole("radio", { name: "Token" }).check();
  await page.getByRole("textbox", { name: "Microsoft Entra token" }).fill("simulator-token");
  await generate(page).click();
  await expect(status(page)).toHaveText(/^Finished/);
  expect(simulator.requests.at(-1)?.headers["authorization"]).toBe("Bearer simulator-token");

  await page.getByRole("radio", { name: "None" }).check();
  await generate(page).click();
  await expect(page.getByRole("alert")).toContainText("HTTP 401");
  expect(simulator.requests.at(-1)?.headers).not.toHaveProperty("authorization");
  expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("401")]);
});

test("keeps a key from a foreign endpoint until the person allows it", async ({ page }) => {
  await page.route("https://my-resource.openai.azure.com/**", (route) => route.abort());
  await page.getByRole("textbox", { name: "Endpoint" }).fill("https://my-resource.openai.azure.com");
  await generate(page).click();
  await expect(page.getByRole("alert")).toContainText("dangerouslyAllowApiKeyInBrowser");
  await expect(page.getByRole("checkbox", { name: /This key is mine/ })).not.toBeChecked();
});

test("tests the connection, in words, without making a picture", async ({ page, simulator, consoleErrors }) => {
  const findings = page.getByRole("status", { name: "Connection test" }).getByRole("listitem");
  await page.getByRole("button", { name: "Test the connection" }).click();
  await expect(findings).toHaveText([/^Reachable: works/, /CORS\): works/, /^Credential: works/, /^Deployment: works/, /^API version: works/]);
  await page.getByRole("textbox", { name: "API key" }).fill("not-the-key");
  await page.getByRole("button", { name: "Test the connection" }).click();
  await expect(findings.filter({ hasText: "Credential: fails" })).toContainText(/key/);
  expect(simulator.pictures).toEqual([]);
  // What the browser itself reports of refusals, on which the test builds.
  expect(consoleErrors.splice(0).every((text) => /status of 40[0-9]/.test(text))).toBe(true);
});

test("the built page forbids itself inline scripts, and everything from elsewhere", async ({ page, consoleErrors }) => {
  const ran = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "globalThis.ran = true";
    document.body.append(script);
    const image = new Image();
    image.src = "https://example.com/picture.png";
    await image.decode().catch(() => {});
    return "ran" in globalThis;
  });
  expect(ran).toBe(false);
  expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("inline script"), expect.stringContaining("https://example.com/picture.png")]);
});

test("connections are saved and chosen again; a key is only where the person says so", { tag: "@nightly" }, async ({ page, simulator }) => {
  const endpoint = page.getByRole("textbox", { name: "Endpoint" });
  const key = page.getByRole("textbox", { name: "API key" });
  const saved = page.getByRole("combobox", { name: "Saved connections" });
  const save = page.getByRole("button", { name: "Save this connection" });
  await page.getByRole("textbox", { name: "Deployment" }).fill("gpt-image-1.5");
  await page.getByRole("combobox", { name: "Its model" }).selectOption("gpt-image-1.5");
  // The simulator and its Foundry project are there without being saved.
  await expect(saved.getByRole("option")).toHaveText([
    /^As below, not saved/,
    /^Simulator at/,
    /^MAI-Image-2\.6 at/,
    /^Simulator at .*\/api\/projects\/demo$/,
  ]);
  await save.click();
  await expect(saved.getByRole("option")).toHaveText([/^Simulator/, /^MAI-Image/, /^Simulator/, `gpt-image-1.5 at ${simulator.url}`]);
  await endpoint.fill("https://my-resource.openai.azure.com");
  await key.fill("a-key-to-remember");
  await page.getByRole("checkbox", { name: /This key is mine/ }).check();
  await page.getByRole("checkbox", { name: /Save the key/ }).check();
  await save.click();
  await expect(saved.getByRole("option")).toHaveCount(5);

  await saved.selectOption(`gpt-image-1.5 at ${simulator.url}`);
  await expect(endpoint).toHaveValue(simulator.url);
  // Within the visit, the key is still there.
  await generate(page).click();
  await expect(status(page)).toHaveText(/^Finished/);
  expect(simulator.requests.at(-1)?.body).toMatchObject({ model: "gpt-image-1.5" });

  await page.reload();
  await page.getByText("Connection", { exact: true }).click();
  await expect(endpoint).toHaveValue(simulator.url);
  await expect(key).toHaveValue("");
  await saved.selectOption("gpt-image-1.5 at my-resource.openai.azure.com");
  await expect(key).toHaveValue("a-key-to-remember");
  await expect(page.getByRole("checkbox", { name: /This key is mine/ })).toBeChecked();
  const stored = () => page.evaluate(() => JSON.stringify(localStorage));
  expect(await stored()).toContain("a-key-to-remember");
  expect(await stored()).not.toContain("simulator-key");
  await page.getByRole("button", { name: "Forget it" }).click();
  await expect(saved.getByRole("option")).toHaveCount(4);
  await expect(key).toHaveValue("simulator-key");
  expect(await stored()).not.toContain("a-key-to-remember");
});

test("signs in with Microsoft Entra, and loads what that needs only then", { tag: "@nightly" }, async ({ page, context, simulator }) => {
  const entra = await simulateEntra(context, () => "simulator-token");
  const loaded: string[] = [];
  page.on("response", (response) => loaded.push(response.url()));
  await page.getByRole("radio", { name: "Sign in" }).check();
  await expect.poll(() => loaded.filter((url) => url.endsWith(".js")).length).toBeGreaterThan(0);
  await page.getByRole("textbox", { name: "Client ID" }).fill(ids.CLIENT);
  await page.getByRole("textbox", { name: "Tenant ID" }).fill(ids.TENANT);
  await generate(page).click();
  await expect(page.getByRole("alert")).toContainText("Nobody is signed in");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("status", { name: "Sign-in" })).toHaveText("Signed in as user@example.com.");
  await generate(page).click();
  await expect(status(page)).toHaveText(/^Finished/);
  expect(simulator.requests.at(-1)?.headers["authorization"]).toBe("Bearer simulator-token");
  expect(entra.signIns).toHaveLength(1);
  expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).not.toContain("simulator-token");
});
