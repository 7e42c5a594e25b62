import { toNodeHandler } from "azure-image-client/proxy";
import express from "express";
import { proxy } from "./azure.js";

const app = express();
// Before express.json(), which would read the body.
app.use("/api/azure", toNodeHandler(proxy));
app.listen(process.env.PORT);
