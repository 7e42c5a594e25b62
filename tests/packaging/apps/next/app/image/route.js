export { respond as GET } from "../../on-server.js";
