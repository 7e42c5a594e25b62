import { aiSdk } from "./contenders/ai-sdk.js";
import { azureImageClient } from "./contenders/azure-image-client.js";
import { eventsourceParser } from "./contenders/eventsource-parser.js";
import { copy, drain } from "./contenders/limits.js";
import { openaiAtob, openaiFromBase64 } from "./contenders/openai.js";

export const CONTENDERS = [azureImageClient, eventsourceParser, openaiFromBase64, openaiAtob, aiSdk, copy, drain];
