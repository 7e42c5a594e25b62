// The page to which Microsoft Entra sends its window back: tells the page that opened it.

import { broadcastResponseToMainFrame } from "@azure/msal-browser/redirect-bridge";

await broadcastResponseToMainFrame();
