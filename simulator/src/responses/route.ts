/** What the routes of responses work on. */

import type { Exchange } from "../http/exchange.js";
import type { Service } from "../service/service.js";
import type { Workspace } from "../service/workspace.js";
import type { Dialect } from "./dialect.js";

/** A request about responses. */
export interface ResponseRoute {
  readonly exchange: Exchange;
  readonly service: Service;
  readonly workspace: Workspace;
  readonly dialect: Dialect;
}
