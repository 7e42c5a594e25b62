import page from "./index.html";
import { respond } from "./on-server.js";

export default {
  fetch(request) {
    if (new URL(request.url).pathname === "/image") return respond(request);
    return new Response(page, { headers: { "content-type": "text/html" } });
  },
};
