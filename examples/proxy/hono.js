import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { proxy } from "./azure.js";

const app = new Hono();
app.all("/api/azure/*", (context) => proxy(context.req.raw));
serve({ fetch: app.fetch, port: process.env.PORT });
