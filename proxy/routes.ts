// The list of routes. Other requests are not passed on, because the key opens the whole resource.

/**
 * Routes that belong together.
 *
 * - `images`: generations and edits of the three image services.
 * - `responses`, `conversations`: create, retrieve and delete by ID. An ID cannot be guessed, and no list is passed on.
 * - `files`: upload, the metadata of a file by its ID, and files that the code interpreter generated.
 * - `models`: the list of models, which `probe()` reads.
 * - `administration`: what belongs to all users: manage agents, list and delete files, and download uploaded files.
 */
export type RouteGroup = "images" | "responses" | "conversations" | "files" | "models" | "administration";

/** Body of a request. `imageJson` may contain images in base64. `edit` and `upload` are forms with files. */
export type BodyKind = "none" | "json" | "imageJson" | "edit" | "upload";

/** Form of the parameters that `allow` limits. */
export type ParameterKind = "image" | "response" | "none";

/** A route of the list. */
export interface Route {
  group: RouteGroup;
  /** The pattern without IDs, such as `POST /openai/v1/responses`. For the log. */
  name: string;
  body: BodyKind;
  parameters: ParameterKind;
  /** The deployment in the path. */
  deployment: string | undefined;
  /** The FLUX model in the path. */
  fluxPath: string | undefined;
  /** True if the request counts toward the limits: it creates something. */
  isCounted: boolean;
}

/** A segment of a path: an ID or a name. No percent sign, so that nothing encoded passes. */
const ID = "\\w[\\w.-]*";
const MAX_PATH_LENGTH = 2048;

type Rule = [group: RouteGroup, name: string, body: BodyKind, parameters?: ParameterKind];

function rules(projectPath: string): Rule[] {
  const images: Rule[] = [
    ["images", "POST /openai/v1/images/generations", "json", "image"],
    ["images", "POST /openai/deployments/{deployment}/images/generations", "json", "image"],
    ["images", "POST /mai/v1/images/generations", "json", "image"],
    ["images", "POST /openai/v1/images/edits", "edit", "image"],
    ["images", "POST /openai/deployments/{deployment}/images/edits", "edit", "image"],
    ["images", "POST /mai/v1/images/edits", "edit", "image"],
    ["images", "POST /providers/blackforestlabs/v1/{flux}", "imageJson", "image"],
    ["models", "GET /openai/models", "none"],
    ["models", "GET /openai/v1/models", "none"],
  ];
  const roots = ["/openai/v1", ...(projectPath ? [`${projectPath}/openai/v1`, `${projectPath}/openai`] : [])];
  const resources = roots.flatMap((root): Rule[] => [
    ["responses", `POST ${root}/responses`, "imageJson", "response"],
    ["responses", `GET ${root}/responses/{id}`, "none"],
    ["responses", `POST ${root}/responses/{id}/cancel`, "json"],
    ["responses", `DELETE ${root}/responses/{id}`, "none"],
    ["conversations", `POST ${root}/conversations`, "imageJson"],
    ["conversations", `GET ${root}/conversations/{id}`, "none"],
    ["conversations", `DELETE ${root}/conversations/{id}`, "none"],
    ["files", `POST ${root}/files`, "upload"],
    ["files", `GET ${root}/files/{id}`, "none"],
    ["files", `GET ${root}/containers/{id}/files/{id}/content`, "none"],
    ["administration", `GET ${root}/files`, "none"],
    ["administration", `GET ${root}/files/{id}/content`, "none"],
    ["administration", `DELETE ${root}/files/{id}`, "none"],
  ]);
  const agents = ["/agents", "/agents/{id}", "/agents/{id}/versions", "/agents/{id}/versions/{id}"];
  const administration = (projectPath ? agents : []).flatMap((path): Rule[] => [
    ["administration", `GET ${projectPath}${path}`, "none"],
    ["administration", `POST ${projectPath}${path}`, "json"],
    ["administration", `DELETE ${projectPath}${path}`, "none"],
  ]);
  return [...images, ...resources, ...administration];
}

function compile([group, name, body, parameters = "none"]: Rule): (request: string) => Route | undefined {
  const pattern = name
    .replaceAll(".", "\\.")
    .replace("{deployment}", `(?<deployment>${ID})`)
    .replace("{flux}", `(?<fluxPath>${ID})`)
    .replaceAll("{id}", ID);
  const expression = new RegExp(`^${pattern}$`);
  return (request) => {
    const match = expression.exec(request);
    if (!match) return undefined;
    const { deployment, fluxPath } = match.groups ?? {};
    return { group, name, body, parameters, deployment, fluxPath, isCounted: name.startsWith("POST ") && !name.endsWith("/cancel") };
  };
}

/** Returns the function that finds the route of a method and a path below the base path, among those of the open groups. */
export function createRouter(projectPath: string, groups: ReadonlySet<RouteGroup>): (method: string, path: string) => Route | undefined {
  const matchers = rules(projectPath)
    .filter(([group]) => groups.has(group))
    .map(compile);
  return (method, path) => {
    if (path.length > MAX_PATH_LENGTH) return undefined;
    for (const match of matchers) {
      const route = match(`${method} ${path}`);
      if (route) return route;
    }
    return undefined;
  };
}
