import page from "./index.html";
import { respond } from "./on-server.js";

Bun.serve({ hostname: "127.0.0.1", routes: { "/": page, "/image": respond } });
