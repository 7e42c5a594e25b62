/** The routes of the files in containers. */

import type { Answer } from "../http/answer.js";
import { containerFileDocument } from "../service/containers.js";
import { jsonAnswer } from "../service/json-answer.js";
import type { ResponseRoute } from "./route.js";

/** Answers with the properties of a file in a container. */
export function getContainerFile({ workspace }: ResponseRoute, containerId: string, fileId: string): Answer {
  return jsonAnswer(containerFileDocument(workspace.containers.find(containerId, fileId)));
}

/** Answers with the bytes of a file in a container. */
export function getContainerFileContent({ workspace }: ResponseRoute, containerId: string, fileId: string): Answer {
  const { bytes, contentType } = workspace.containers.find(containerId, fileId);
  return { status: 200, headers: { "content-type": contentType }, frames: [{ kind: "other", segments: [{ bytes }] }] };
}
