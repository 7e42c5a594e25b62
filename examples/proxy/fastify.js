import { toNodeHandler } from "azure-image-client/proxy";
import fastify from "fastify";
import { proxy } from "./azure.js";

const app = fastify();
const handle = toNodeHandler(proxy);
app.register(async (routes) => {
  // The proxy reads the body, and not Fastify.
  routes.removeAllContentTypeParsers();
  routes.addContentTypeParser("*", (_request, _body, done) => done(null));
  routes.all("/api/azure/*", (request, reply) => handle(request.raw, reply.hijack().raw));
});
app.listen({ port: process.env.PORT });
