// server/api/azure/[...path].js, also for Nitro alone
import { toNodeHandler } from "azure-image-client/proxy";
import { fromNodeMiddleware } from "h3";
import { proxy } from "../../azure.js";

export default fromNodeMiddleware(toNodeHandler(proxy));
