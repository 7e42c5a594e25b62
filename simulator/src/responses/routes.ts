/** The routes that a resource and its projects share: responses, conversations, files. */

import type { Answer } from "../http/answer.js";
import { AzureError } from "../service/azure-error.js";
import { readJsonObject } from "../service/json-object.js";
import { getContainerFile, getContainerFileContent } from "./container-routes.js";
import { createConversation, deleteConversation, getConversation, listConversationItems } from "./conversation-routes.js";
import { createResponse } from "./create.js";
import { deleteFile, getFile, getFileContent, listFiles, uploadFile } from "./file-routes.js";
import { cancelResponse, deleteResponse, listInputItems, listResponses, retrieveResponse } from "./retrieve.js";
import type { ResponseRoute } from "./route.js";

/** Takes the IDs of the path, in their order. */
type Handler = (route: ResponseRoute, ...ids: [id: string, innerId: string]) => Answer | Promise<Answer>;

/** Each route by its method and its path, in which `*` stands for an id. */
const handlers: Readonly<Record<string, Handler>> = {
  "POST responses": (route) => createResponse(route, readJsonObject(route.exchange)),
  "GET responses": listResponses,
  "GET responses/*": retrieveResponse,
  "DELETE responses/*": deleteResponse,
  "POST responses/*/cancel": cancelResponse,
  "GET responses/*/input_items": listInputItems,
  "POST conversations": createConversation,
  "GET conversations/*": getConversation,
  "DELETE conversations/*": deleteConversation,
  "GET conversations/*/items": listConversationItems,
  "POST files": uploadFile,
  "GET files": listFiles,
  "GET files/*": getFile,
  "DELETE files/*": deleteFile,
  "GET files/*/content": getFileContent,
  "GET containers/*/files/*": getContainerFile,
  "GET containers/*/files/*/content": getContainerFileContent,
};

/** Answers a request; `segments` are those of the path behind the version: names and IDs in turn. */
export async function routeResponses(route: ResponseRoute, segments: readonly string[]): Promise<Answer> {
  const path = segments.map((segment, index) => (index % 2 === 1 ? "*" : segment)).join("/");
  const handle = handlers[`${route.exchange.entry.method} ${path}`];
  if (handle === undefined) throw AzureError.sample("404-resource-not-found");
  return handle(route, segments[1] ?? "", segments[3] ?? "");
}
