import { app } from "@azure/functions";
import { proxy } from "./azure.js";

app.setup({ enableHttpStream: true });
app.http("azure", {
  route: "azure/{*path}",
  methods: ["GET", "POST", "DELETE"],
  authLevel: "anonymous",
  handler: (request) => proxy(request),
});
