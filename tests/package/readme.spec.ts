import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { startSimulator, type SimulatorOptions } from "azure-image-simulator";
import { bundle, ids, simulateEntra } from "../client/identity/entra.js";
import { startPageServer } from "../client/page-server.js";
import { root, test } from "./packed.js";
import { readme, snippets } from "./readme.js";

declare global {
  /** What a snippet has written, one after the other. */
  var told: string[];
  /** The URLs of the pictures that it has shown. */
  var shown: Set<string>;
}

/** Those that a browser runs as they are. */
const programs = snippets.filter(({ language }) => language !== "jsx" && language !== "vue");

const pictureIsShown = async (page: Page): Promise<void> => {
  await expect
    .poll(() =>
      page
        .locator("img")
        .first()
        .evaluate((image: HTMLImageElement) => image.naturalWidth),
    )
    .toBeGreaterThan(0);
};

const signInAndSeeThePicture = async (page: Page): Promise<void> => {
  await page.getByRole("button").click();
  await pictureIsShown(page);
};

/** What a reader sees when a snippet has run. */
const EFFECTS: Record<string, (page: Page) => Promise<void>> = {
  "Choose a model": pictureIsShown,
  "Get the finished picture only": async (page) => {
    await expect(page.locator("body > img[title^='image/png']")).toHaveCount(2);
  },
  "Edit pictures, with a mask": pictureIsShown,
  "Make several pictures": async (page) => {
    await expect(page.locator("body > img[width='256']")).toHaveCount(3);
    await expect
      .poll(() =>
        page.locator("body > img[width='256']").evaluateAll((images) => images.every((image) => (image as HTMLImageElement).naturalWidth > 0)),
      )
      .toBe(true);
  },
  "Draw in a conversation": async (page) => {
    await pictureIsShown(page);
    await expect.poll(() => page.evaluate(() => shown.size)).toBe(6);
    await expect(page.locator("p")).not.toBeEmpty();
  },
  "Combine tools": async (page) => {
    await pictureIsShown(page);
    await expect(page.locator("p")).toHaveText('Asks get_weather for {"city":"Oslo"}');
  },
  "Let an agent draw": async (page) => {
    await pictureIsShown(page);
    await expect(page.locator("li")).toHaveText(["painter, version 1"]);
  },
  "Work in the background, across a reload": async (page) => {
    await expect(page.locator("p")).toHaveText("in_progress");
    await page.reload();
    await expect(page.locator("p")).toHaveText("completed");
    await pictureIsShown(page);
    expect(await page.evaluate(() => localStorage.getItem("job"))).toBeNull();
  },
  "Work from pictures and files": async (page) => {
    await expect.poll(() => page.evaluate(() => shown.size)).toBe(2);
    await expect(page.locator("p")).toHaveText("completed");
  },
  "What the content filter does": async (page) => {
    await expect(page.locator("p")).toHaveText("The prompt was refused: violence.");
  },
  "Check sizes and cost before": async (page) => {
    await pictureIsShown(page);
    await expect(page.locator("p")).toHaveText("estimated 0.013 $, was 0.013 $");
  },
  "Show progress, and cancel": async (page) => {
    await pictureIsShown(page);
    await expect(page.locator("p")).toContainText("completed: 3 previews");
  },
  "Tell people what went wrong": async (page) => {
    await expect(page.locator("p")).toContainText("17x4");
    await expect(page.locator("p")).toHaveAttribute("title", /^invalid_request, HTTP 400, billed: no/);
  },
  "Wait for a busy deployment": async (page) => {
    await pictureIsShown(page);
    await expect(page.locator("p")).toHaveText("completed");
    expect(await page.evaluate(() => told)).toContain("Busy. Try 2 in 1 s.");
  },
  "Limit the time": pictureIsShown,
  "Find out why it does not work": async (page) => {
    await expect(page.locator("p")).toHaveText("Ready.");
    await expect(page.locator("li")).toHaveText([
      /^reachable: ok\. /,
      /^cors: ok\. /,
      /^credential: ok\. /,
      /^deployment: ok\. /,
      /^apiVersion: ok\. /,
    ]);
  },
  "With @azure/identity": signInAndSeeThePicture,
  "With MSAL": signInAndSeeThePicture,
  "With a function of yours": pictureIsShown,
  "Keep the key on your server": pictureIsShown,
  "Use it without a bundler": pictureIsShown,
};

/** The service that a snippet needs. */
const SERVICES: Record<string, SimulatorOptions> = {
  "Work in the background, across a reload": { latencyInMs: 3000 },
  "Work from pictures and files": { acceptFileIds: true },
};

/** What the deployment of a snippet does first. */
const SCENARIOS: Record<string, string> = {
  "What the content filter does": "--content-policy",
  "Wait for a busy deployment": "--status-429--retry-after-0.5--times-1",
};

/** What is around a page that signs its users in: the packages, Microsoft Entra, and a server that gives tokens. */
async function signInPlatform(page: Page, origin: string, program: string): Promise<void> {
  const token = { token: "simulator-token", expiresOnTimestamp: Date.now() + 3_600_000 };
  await page.route(`${origin}/api/token`, (route) => route.fulfill({ json: token }));
  if (!program.includes("@azure/")) return;
  await simulateEntra(page.context(), () => token.token);
  const script = { contentType: "text/javascript" };
  const [app, bridge] = await Promise.all([bundle("app.ts"), bundle("bridge.ts")]);
  await page.route(`${origin}/sign-in.js`, (route) => route.fulfill({ ...script, body: app }));
  await page.context().route(`${origin}/bridge.js`, (route) => route.fulfill({ ...script, body: bridge }));
  const signedIn = '<!doctype html><script type="module" src="/bridge.js"></script>';
  await page.context().route(/\/signed-in(#|\?|$)/, (route) => route.fulfill({ contentType: "text/html", body: signedIn }));
}

test("the proxies are those of the examples", async () => {
  const folder = join(root, "examples", "proxy");
  // The README only links to it.
  const names = (await readdir(folder)).filter((name) => name !== "redis.js");
  expect(names).toHaveLength(13);
  for (const name of names) {
    const language = name.endsWith(".conf") ? "nginx" : "javascript";
    expect(readme).toContain(`\`\`\`${language}\n${await readFile(join(folder, name), "utf8")}\`\`\``);
  }
});

test("the README has every option of the proxy", async () => {
  const types = await readFile(join(root, "tests/types/azure-image-client.txt"), "utf8");
  const section = readme.slice(readme.indexOf("#### Options of the proxy"), readme.indexOf("#### Deploy with a managed identity"));
  for (const [type, prefix] of [
    ["ProxyOptions<Context = unknown>", ""],
    ["ProxyAllow", "allow."],
    ["ProxyLimits", "limits."],
  ]) {
    const declaration = types.slice(types.indexOf(`export interface ${type} {`)).split("\n}")[0] ?? "";
    const names = [...declaration.matchAll(/^ {4}(\w+)\??:/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names.filter((name) => name !== "allow" && name !== "limits")) {
      expect(section, name).toMatch(new RegExp(`\`(${prefix})?${name}\``));
    }
  }
});

test("every snippet has a test", () => {
  expect(programs.map((snippet) => snippet.heading)).toEqual(Object.keys(EFFECTS));
});

/** Headings whose snippets take several seconds. */
const SLOW = /^With |background|conversation|agent|server|files|several|Limit the time|busy|progress/;

/** Deployments of another model. */
const MODELS: Record<string, Record<string, string>> = {
  "Check sizes and cost before": { "my-image-deployment": "gpt-image-1.5" },
};

for (const { heading, language, code } of programs) {
  test(`the snippet under "${heading}" does what it says`, { tag: SLOW.test(heading) ? "@nightly" : [] }, async ({ folder, page }) => {
    const simulator = await startSimulator({
      deployments: {
        "my-image-deployment": "gpt-image-2.5-flare",
        "my-flux-deployment": "FLUX.2-pro",
        "my-text-deployment": "gpt-5.5",
        ...MODELS[heading],
      },
      ...SERVICES[heading],
    });
    const pages = await startPageServer([["/", folder]]);
    pages.proxy = { target: simulator.url, headers: { "api-key": "simulator-key" } };
    const program = code
      .replaceAll(/https:\/\/my-resource\.(openai|services\.ai)\.azure\.com/g, simulator.url)
      .replaceAll(/https:\/\/cdn\.jsdelivr\.net\/npm\/azure-image-client@[\d.]+\//g, "./node_modules/azure-image-client/")
      .replaceAll("my-client-id", ids.CLIENT)
      .replaceAll("my-tenant-id", ids.TENANT)
      .replaceAll("my-image-deployment", `my-image-deployment${SCENARIOS[heading] ?? ""}`);
    const imports = {
      "azure-image-client": "./node_modules/azure-image-client/dist/index.js",
      "@azure/identity": "/sign-in.js",
      "@azure/msal-browser": "/sign-in.js",
    };
    const importMap = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
    await signInPlatform(page, pages.origin, program);
    const name = `readme-${heading.replaceAll(/\W+/g, "-")}.html`;
    await writeFile(
      join(folder, name),
      `<!doctype html><link rel="icon" href="data:,"><body><img hidden><p></p><button></button></body>
      <script>
        globalThis.getToken = async () => "simulator-token";
        globalThis.told = [];
        globalThis.shown = new Set();
        const image = document.querySelector("img");
        new MutationObserver(() => shown.add(image.src)).observe(image, { attributeFilter: ["src"] });
        new MutationObserver(() => told.push(document.querySelector("p").textContent)).observe(document.querySelector("p"), { childList: true });
      </script>
      ${language === "html" ? program : `${importMap}<script type="module">${program}</script>`}`,
    );
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(`${pages.origin}/${name}`);
    await EFFECTS[heading]?.(page);
    expect(problems).toEqual([]);
    await Promise.all([pages.close(), simulator.close()]);
  });
}
