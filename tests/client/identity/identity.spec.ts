import type { BrowserContext, Page } from "@playwright/test";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { expect, test as base } from "../fixtures.js";
import { bundle, ids, simulateEntra, type Entra } from "./entra.js";
import type * as Identity from "./app.js";

declare global {
  var identity: typeof Identity;
}

const SCOPE = "https://cognitiveservices.azure.com/.default";

interface Guard {
  simulator: Simulator;
  accepted: (token: string) => boolean;
}

const test = base.extend<
  { guard: Guard; entra: Entra; issue: { token: (n: number) => string } },
  { bundles: { app: string; bridge: string }; guarding: Guard }
>({
  bundles: [
    async ({}, use) => {
      const [app, bridge] = await Promise.all([bundle("app.ts"), bundle("bridge.ts")]);
      await use({ app, bridge });
    },
    { scope: "worker", timeout: 120_000 },
  ],
  guarding: [
    async ({}, use) => {
      const guard = { accepted: (_: string) => false } as Guard;
      guard.simulator = await startSimulator({ bearerToken: (token) => guard.accepted(token) });
      await use(guard);
      await guard.simulator.close();
    },
    { scope: "worker" },
  ],
  guard: async ({ guarding }, use) => {
    guarding.simulator.reset();
    guarding.accepted = (token) => token.startsWith("issued-");
    await use(guarding);
  },
  issue: async ({}, use) => use({ token: (n) => `issued-${n}` }),
  entra: async ({ context, issue }, use) => use(await simulateEntra(context, (n) => issue.token(n))),
  page: async ({ page, pages, context, bundles }, use) => {
    await serve(context, `${pages.origin}/identity.js`, "text/javascript", bundles.app);
    await serve(context, `${pages.origin}/bridge.js`, "text/javascript", bundles.bridge);
    await serve(context, `${pages.origin}/signed-in`, "text/html", '<!doctype html><script type="module" src="/bridge.js"></script>');
    await use(page);
  },
});

function serve(context: BrowserContext, url: string, contentType: string, body: string): Promise<void> {
  return context.route(
    (candidate) => candidate.href.split(/[?#]/)[0] === url,
    (route) => route.fulfill({ contentType, body }),
  ) as Promise<never>;
}

// A person who has signed in stays so for a whole context.
test.use({ ownContext: true });

/** The tokens with which the simulator was asked for pictures. */
function tokens({ simulator }: Guard): (string | undefined)[] {
  return simulator.requests.filter(({ method }) => method === "POST").map(({ headers }) => headers["authorization"]);
}

/** MSAL leaves the timer of its window behind; a new page has none. */
async function forgetTimers(page: Page): Promise<void> {
  await page.reload();
}

test.describe("@azure/identity", () => {
  test("a ClientSecretCredential signs, and its token endpoint is asked once for two generations", { tag: "@browser" }, async ({
    page,
    guard,
    entra,
  }) => {
    const images = await page.evaluate(
      async ([endpoint, { TENANT, CLIENT }]) => {
        const { ClientSecretCredential } = (await import("/identity.js" as string)) as typeof Identity;
        const credential = new ClientSecretCredential(TENANT, CLIENT, "the-secret");
        const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
        const both = await Promise.all([client.generate({ prompt: "a lake", quality: "low" }), client.generate({ prompt: "a sea", quality: "low" })]);
        const third = await client.generate({ prompt: "a city", quality: "low" });
        return [...both, third].map(({ images }) => images.length);
      },
      [guard.simulator.url, ids] as const,
    );
    expect(images).toEqual([1, 1, 1]);
    expect(entra.tokenRequests).toHaveLength(1);
    expect(entra.tokenRequests[0]).toMatchObject({ grant_type: "client_credentials", client_id: ids.CLIENT, scope: SCOPE });
    expect(tokens(guard)).toEqual(Array(3).fill("Bearer issued-1"));
  });

  test("its token for a Foundry project is asked for with the project's scope, or the one that is set", { tag: "@nightly" }, async ({
    page,
    entra,
  }) => {
    await page.route("https://x.services.ai.azure.com/**", (route) => route.abort());
    await page.evaluate(async ({ TENANT, CLIENT }) => {
      const { ClientSecretCredential } = (await import("/identity.js" as string)) as typeof Identity;
      const credential = new ClientSecretCredential(TENANT, CLIENT, "the-secret");
      for (const options of [{}, { scopes: "api://my-gateway/.default" }, { scopes: ["api://my-gateway/.default"] }]) {
        const project = "https://x.services.ai.azure.com/api/projects/p";
        const client = new azure.AzureImageClient(project, credential, { deployment: "gpt-image-1", ...options });
        await helpers.outcome(client.generate({ prompt: "a lake" }));
      }
    }, ids);
    expect(entra.tokenRequests.map(({ scope }) => scope)).toEqual([
      "https://ai.azure.com/.default",
      "api://my-gateway/.default",
      "api://my-gateway/.default",
    ]);
  });

  test("after a 401 it is asked once more", { tag: "@nightly" }, async ({ page, guard, entra }) => {
    guard.accepted = (token) => token === "issued-2";
    const report = await page.evaluate(
      async ([endpoint, { TENANT, CLIENT }]) => {
        const { ClientSecretCredential } = (await import("/identity.js" as string)) as typeof Identity;
        const credential = new ClientSecretCredential(TENANT, CLIENT, "the-secret");
        const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
        return (await client.generate({ prompt: "a lake", quality: "low" })).images.length;
      },
      [guard.simulator.url, ids] as const,
    );
    expect(report).toBe(1);
    expect(entra.tokenRequests).toHaveLength(2);
    expect(tokens(guard)).toEqual(["Bearer issued-1", "Bearer issued-2"]);
  });

  test("an abort takes its request back", { tag: "@nightly" }, async ({ page, guard, context }) => {
    await context.route("https://login.microsoftonline.com/**", () => {});
    const asked = page.waitForRequest(/login\.microsoftonline\.com/);
    const takenBack = page.waitForEvent("requestfailed", (request) => request.url().includes("login.microsoftonline.com"));
    const outcome = page.evaluate(
      async ([endpoint, { TENANT, CLIENT }]) => {
        const { ClientSecretCredential } = (await import("/identity.js" as string)) as typeof Identity;
        const credential = new ClientSecretCredential(TENANT, CLIENT, "the-secret");
        const controller = new AbortController();
        Object.assign(globalThis, { controller });
        const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
        return helpers.outcome(client.generate({ prompt: "a lake" }, { abortSignal: controller.signal }));
      },
      [guard.simulator.url, ids] as const,
    );
    await asked;
    await page.evaluate(() => (globalThis as unknown as { controller: AbortController }).controller.abort());
    expect((await outcome).error).toMatchObject({ code: "cancelled", billed: "no" });
    expect((await takenBack).failure()?.errorText).toBe("net::ERR_ABORTED");
    expect(tokens(guard)).toEqual([]);
  });

  test("what it throws is the cause of the error, and nothing is sent", { tag: "@nightly" }, async ({ page, guard, context }) => {
    const refusal = { error: "invalid_client", error_description: "AADSTS7000215: Invalid client secret provided." };
    await context.route("https://login.microsoftonline.com/**", (route) =>
      route.fulfill({ status: 401, headers: { "access-control-allow-origin": "*" }, json: refusal }),
    );
    const { error } = await page.evaluate(
      async ([endpoint, { TENANT, CLIENT }]) => {
        const { ClientSecretCredential } = (await import("/identity.js" as string)) as typeof Identity;
        const credential = new ClientSecretCredential(TENANT, CLIENT, "the-secret");
        return helpers.outcome(new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" }).generate({ prompt: "a lake" }));
      },
      [guard.simulator.url, ids] as const,
    );
    expect(error).toMatchObject({ code: "authentication", billed: "no" });
    expect(error?.status).toBeUndefined();
    expect(error?.cause).toContain("AADSTS7000215");
    expect(error?.json).not.toContain("AADSTS");
    expect(tokens(guard)).toEqual([]);
  });

  test("an InteractiveBrowserCredential signs a user in in a window, once for two generations", { tag: "@nightly" }, async ({
    page,
    pages,
    guard,
    entra,
  }) => {
    const images = await page.evaluate(
      async ([endpoint, { TENANT, CLIENT }, redirectUri]) => {
        const { InteractiveBrowserCredential } = (await import("/identity.js" as string)) as typeof Identity;
        const credential = new InteractiveBrowserCredential({ clientId: CLIENT, tenantId: TENANT, redirectUri });
        const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
        const both = await Promise.all([client.generate({ prompt: "a lake", quality: "low" }), client.generate({ prompt: "a sea", quality: "low" })]);
        return both.map(({ images }) => images.length);
      },
      [guard.simulator.url, ids, `${pages.origin}/signed-in`] as const,
    );
    expect(images).toEqual([1, 1]);
    expect(entra.signIns).toHaveLength(1);
    expect(entra.signIns[0]?.["scope"]?.split(" ")).toContain(SCOPE);
    expect(entra.tokenRequests).toHaveLength(1);
    expect(entra.tokenRequests[0]?.["scope"]?.split(" ")).toContain(SCOPE);
    expect(tokens(guard)).toEqual(["Bearer issued-1", "Bearer issued-1"]);
    await forgetTimers(page);
  });

  test("an InteractiveBrowserCredential has no way to be forced, and the error after a 401 says so", { tag: "@nightly" }, async ({
    page,
    pages,
    guard,
    entra,
  }) => {
    guard.accepted = () => false;
    const { error } = await page.evaluate(
      async ([endpoint, { TENANT, CLIENT }, redirectUri]) => {
        const { InteractiveBrowserCredential } = (await import("/identity.js" as string)) as typeof Identity;
        const credential = new InteractiveBrowserCredential({ clientId: CLIENT, tenantId: TENANT, redirectUri });
        return helpers.outcome(new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" }).generate({ prompt: "a lake" }));
      },
      [guard.simulator.url, ids, `${pages.origin}/signed-in`] as const,
    );
    expect(error).toMatchObject({ code: "authentication", status: 401, billed: "no" });
    expect(error?.message).toContain("returned the same token again");
    expect(error?.json).not.toContain("issued-1");
    expect(entra.tokenRequests).toHaveLength(1);
    expect(tokens(guard)).toEqual(["Bearer issued-1"]);
    await forgetTimers(page);
  });

  test("an InteractiveBrowserCredential signs a user in by a redirect, and finds the token when the page is back", { tag: "@nightly" }, async ({
    page,
    pages,
    guard,
    entra,
  }) => {
    const call = async ([endpoint, { TENANT, CLIENT }, redirectUri]: readonly [string, typeof ids, string]) => {
      const { InteractiveBrowserCredential } = (await import("/identity.js" as string)) as typeof Identity;
      const credential = new InteractiveBrowserCredential({ clientId: CLIENT, tenantId: TENANT, redirectUri, loginStyle: "redirect" });
      const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
      return helpers.outcome(client.generate({ prompt: "a lake", quality: "low" }));
    };
    const parameters = [guard.simulator.url, ids, `${pages.origin}/`] as const;
    // The page is left before the call can end.
    const left = page.evaluate(call, parameters).catch(() => undefined);
    await page.waitForURL(/#code=/);
    await left;
    await page.waitForFunction(() => "helpers" in globalThis);
    const outcome = await page.evaluate(call, parameters);
    expect(outcome.error?.cause ?? outcome.error?.message).toBeUndefined();
    expect(entra.signIns).toHaveLength(1);
    expect(entra.tokenRequests).toHaveLength(1);
    expect(tokens(guard)).toEqual(["Bearer issued-1"]);
  });
});

test.describe("@azure/msal-browser", () => {
  test("acquireTokenSilent gives tokens that are kept, and a refused one is refreshed by force", { tag: "@nightly" }, async ({
    page,
    pages,
    guard,
    entra,
  }) => {
    const { images, afterSignIn } = await page.evaluate(
      async ([endpoint, { TENANT, CLIENT }, redirectUri, scope]) => {
        const { createStandardPublicClientApplication } = (await import("/identity.js" as string)) as typeof Identity;
        const msal = await createStandardPublicClientApplication({
          auth: { clientId: CLIENT, authority: `https://login.microsoftonline.com/${TENANT}`, redirectUri },
        });
        const scopes = [scope];
        const { account } = await msal.loginPopup({ scopes });
        const afterSignIn = helpers.running();
        const client = new azure.AzureImageClient(endpoint, ({ forceRefresh }) => msal.acquireTokenSilent({ scopes, account, forceRefresh }), {
          deployment: "gpt-image-1",
        });
        Object.assign(globalThis, { client });
        const both = await Promise.all([client.generate({ prompt: "a lake", quality: "low" }), client.generate({ prompt: "a sea", quality: "low" })]);
        return { images: both.map(({ images }) => images.length), afterSignIn };
      },
      [guard.simulator.url, ids, `${pages.origin}/signed-in`, SCOPE] as const,
    );
    expect(images).toEqual([1, 1]);
    expect(entra.tokenRequests).toHaveLength(1);
    guard.accepted = (token) => token === "issued-2";
    const second = await page.evaluate(async () => {
      const { client } = globalThis as unknown as { client: InstanceType<typeof azure.AzureImageClient> };
      return helpers.outcome(client.generate({ prompt: "a city", quality: "low" }));
    });
    expect(second.error?.message).toBeUndefined();
    expect(entra.tokenRequests.map((asked) => asked["grant_type"])).toEqual(["authorization_code", "refresh_token"]);
    expect(entra.tokenRequests[1]?.["scope"]?.split(" ")).toContain(SCOPE);
    expect(tokens(guard)).toEqual(["Bearer issued-1", "Bearer issued-1", "Bearer issued-1", "Bearer issued-2"]);
    expect(await page.evaluate(() => helpers.running()), "what runs on after the sign-in").toEqual(afterSignIn);
    await forgetTimers(page);
  });

  test("an object shaped like its result is enough: accessToken, and expiresOn as a Date", { tag: "@nightly" }, async ({ page, guard }) => {
    const asked = await page.evaluate(async (endpoint) => {
      const requests: unknown[] = [];
      const account = { homeAccountId: "a.b", username: "user@example.com" };
      const msal = {
        acquireTokenSilent: async (request: { scopes: string[]; account: object; forceRefresh: boolean }) => {
          requests.push(request.forceRefresh);
          return { accessToken: "issued-1", expiresOn: new Date(Date.now() + 3_600_000), account, scopes: request.scopes, fromCache: true };
        },
      };
      const scopes = ["https://cognitiveservices.azure.com/.default"];
      const client = new azure.AzureImageClient(endpoint, ({ forceRefresh }) => msal.acquireTokenSilent({ scopes, account, forceRefresh }), {
        deployment: "gpt-image-1",
      });
      for (const prompt of ["a lake", "a sea"]) await client.generate({ prompt, quality: "low" });
      return requests;
    }, guard.simulator.url);
    expect(asked).toEqual([false]);
    expect(tokens(guard)).toEqual(["Bearer issued-1", "Bearer issued-1"]);
  });
});
