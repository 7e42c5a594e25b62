import { playwright } from "@vitest/browser-playwright";

const browser = {
  enabled: true,
  headless: true,
  provider: playwright({ launchOptions: { executablePath: process.env.CHROMIUM_PATH } }),
  instances: [{ browser: "chromium" }],
};

export default {
  test: {
    provide: { endpoint: process.env.ENDPOINT },
    projects: [
      { extends: true, test: { name: "node", environment: "node" } },
      { extends: true, test: { name: "jsdom", environment: "jsdom" } },
      { extends: true, test: { name: "browser", browser } },
    ],
  },
};
