// Checks the endpoint of the resource.

/** A checked endpoint. */
export interface Endpoint {
  /** Scheme, host and port. */
  origin: string;
  /** Path of the Foundry project, such as `/api/projects/my-project`. Empty for a resource. */
  projectPath: string;
  /** Default scope of access tokens. */
  scope: string;
}

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
const EXAMPLE = "such as https://my-resource.openai.azure.com";

/**
 * Parses the endpoint of a resource or a Foundry project.
 *
 * @throws TypeError if the endpoint is not one. The message omits the value, which may contain a key.
 */
export function parseEndpoint(endpoint: unknown): Endpoint {
  const text = typeof endpoint === "string" ? endpoint.trim() : "";
  if (text === "") throw new TypeError(`endpoint is missing. Pass the URL of your resource, ${EXAMPLE}.`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.protocol === "http:" && LOOPBACK.includes(url.hostname);
  if (!url || (!isLocal && url.protocol !== "https:")) {
    throw new TypeError(`endpoint must begin with https://, ${EXAMPLE}. Only localhost may have http://.`);
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new TypeError("endpoint must have no user name, password, query or fragment. Pass the key in credential.");
  }
  const projectPath = url.pathname.replace(/\/+$/, "");
  if (!/^(\/api\/projects\/[\w.-]+)?$/.test(projectPath)) {
    throw new TypeError("endpoint must have no path, except /api/projects/my-project. The page's requests have the rest.");
  }
  return { origin: url.origin, projectPath, scope: scopeOf(url.hostname, projectPath !== "") };
}

/** Microsoft documents these scopes, by cloud. */
function scopeOf(host: string, isProject: boolean): string {
  const service = isProject ? "ai" : "cognitiveservices";
  const isIn = (suffixes: RegExp) => suffixes.test(host);
  if (isIn(/\.(azure\.us|api\.cognitive\.microsoft\.us|azure-api\.us|azurewebsites\.us)$/)) return `https://${service}.azure.us/.default`;
  if (isIn(/\.(azure\.cn|azure-api\.cn|chinacloudsites\.cn)$/)) return `https://${service}.azure.cn/.default`;
  return `https://${service}.azure.com/.default`;
}
