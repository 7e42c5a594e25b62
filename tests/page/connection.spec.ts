import { expect, generate, status, test } from "./fixtures.js";

test("does not send a wrong key twice, and says whose mistake it is", async ({ page, simulator, consoleErrors }) => {
  await page.getByRole("textbox", { name: "API key" }).fill("not-the-key");
  await generate(page).click();
  await expect(page.getByRole("alert")).toContainText("not billed · authentication · HTTP 401");
  expect(simulator.requests.filter((request) => request.method === "POST")).toHaveLength(1);
  // The browser's own report of the status, which no page can prevent.
  expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("401")]);
});

test("sends a token, or nothing", async ({ page, simulator, consoleErrors }) => {
  await page.getByRole("radio", { name: "Entra token" }).check();
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
