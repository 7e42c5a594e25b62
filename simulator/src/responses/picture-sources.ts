/** Finds the pictures that an input only names. */

import { AzureError } from "../service/azure-error.js";
import type { PictureSources } from "./content.js";
import type { ResponseRoute } from "./route.js";

/** Looks through the memory of a resource or project. */
export function pictureSources({ service, workspace }: ResponseRoute): PictureSources {
  const findFile: PictureSources["file"] = (id, param) => {
    const stored = workspace.files.get(id);
    if (stored === undefined) throw AzureError.invalidRequest("image_file_not_found", `No such File object: ${id}`, param);
    return stored.file;
  };
  return {
    screenshot: findFile,
    file(id, param) {
      if (!service.options.acceptFileIds) {
        throw AzureError.invalidRequest(
          "invalid_value",
          "Images can't be uploaded as a file and then referenced as input. Use 'image_url' with a data URL instead.",
          param,
        );
      }
      return findFile(id, param);
    },
    async call(id) {
      for (const response of workspace.responses.values()) {
        const picture = await response.pictureOf(id);
        if (picture !== undefined) return picture;
      }
      return undefined;
    },
    item(id) {
      for (const response of workspace.responses.values()) {
        const item = response.outputItem(id);
        if (item !== undefined) return item;
      }
      return undefined;
    },
  };
}
