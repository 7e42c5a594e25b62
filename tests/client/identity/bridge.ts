// The page to which Microsoft Entra sends a sign-in window back.

import { broadcastResponseToMainFrame } from "@azure/msal-browser/redirect-bridge";

void broadcastResponseToMainFrame();
