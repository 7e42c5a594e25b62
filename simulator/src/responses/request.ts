/** Checks the body that makes a response. */

import type { AgentStore, AgentVersion } from "../foundry/agents.js";
import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import type { Rule, Rules } from "../service/catalogue.js";
import { foundryError, invalidPayload } from "../service/foundry-error.js";
import { checkMetadata } from "../service/metadata.js";
import { checkParameters } from "../service/validation.js";
import type { Dialect } from "./dialect.js";

const anything: Rule = { kind: "anything" };
const boolean: Rule = { kind: "boolean" };
const object: Rule = { kind: "object" };
const text: Rule = { kind: "text" };

const rules: Rules = {
  model: text,
  input: anything,
  instructions: anything,
  tools: anything,
  tool_choice: anything,
  previous_response_id: text,
  conversation: anything,
  store: boolean,
  background: boolean,
  stream: boolean,
  stream_options: object,
  metadata: object,
  max_output_tokens: { kind: "integer", minimum: 16, maximum: Number.MAX_SAFE_INTEGER },
  max_tool_calls: anything,
  temperature: anything,
  top_p: anything,
  top_logprobs: anything,
  reasoning: object,
  text: object,
  truncation: { kind: "choice", values: ["auto", "disabled"] },
  parallel_tool_calls: boolean,
  include: anything,
  prompt: anything,
  prompt_cache_key: text,
  safety_identifier: text,
  service_tier: text,
  user: text,
};

const projectRules: Rules = { ...rules, structured_inputs: object, agent_session_id: text };

const rulesByDialect: Readonly<Record<Dialect, Rules>> = {
  resource: rules,
  "project-v1": { ...projectRules, agent_reference: object },
  "project-dated": { ...projectRules, agent: object },
};

/** What an agent brings itself, and a request must not bring beside it. */
const broughtByAgent = ["tools", "text", "tool_choice", "parallel_tool_calls"];

const LONGEST_AGENT_NAME = 256;

/** A request for a response, checked. What tools and input hold is for others to check. */
export interface ResponseRequest {
  readonly body: JsonObject;
  readonly stream: boolean;
  readonly background: boolean;
  readonly store: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly previousResponseId: string | undefined;
  readonly conversationId: string | undefined;
  /** The values of `include`. */
  readonly include: ReadonlySet<unknown>;
  /** Whether each delta of a text comes with text that hides its length. */
  readonly obfuscated: boolean;
}

/** The agent that a body names, or `undefined`; refuses the key of another dialect. */
export function findAgent(body: JsonObject, dialect: Dialect, agents: AgentStore): AgentVersion | undefined {
  const own = dialect === "project-dated" ? "agent" : "agent_reference";
  if (dialect === "project-v1" && "agent" in body) {
    throw foundryError(400, "invalid_payload", "The 'agent' property is deprecated. Use 'agent_reference' instead.", "agent");
  }
  if (dialect === "project-dated" && "agent_reference" in body) {
    throw invalidPayload("The provided data does not match the expected schema", "/agent_reference");
  }
  const reference = body[own];
  if (dialect === "resource" || reference === undefined || reference === null) return undefined;
  const { type, name, version } = Object(reference) as JsonObject;
  if (type !== "agent_reference") throw invalidPayload("The type must be 'agent_reference'.", `${own}.type`);
  if (typeof name !== "string" || name === "" || name.length > LONGEST_AGENT_NAME) {
    throw invalidPayload("The name of an agent is required.", `${own}.name`);
  }
  if (version !== undefined && version !== null && typeof version !== "string") {
    throw invalidPayload("The version of an agent is a string.", `${own}.version`);
  }
  return agents.getVersion(name, version ?? undefined);
}

function readConversation(conversation: unknown): string | undefined {
  if (conversation === undefined) return undefined;
  const id = typeof conversation === "string" ? conversation : (Object(conversation) as JsonObject)["id"];
  if (typeof id === "string") return id;
  throw AzureError.invalidRequest("invalid_type", "Invalid type for 'conversation': expected a string or an object with an 'id'.", "conversation");
}

/** Checks a request, up to what needs the memory of the service. */
export function checkRequest(body: JsonObject, dialect: Dialect, agent: AgentVersion | undefined): ResponseRequest {
  if (agent !== undefined) {
    const refused = broughtByAgent.find((name) => body[name] !== undefined && body[name] !== null);
    if (refused !== undefined) throw invalidPayload("Not allowed when agent is specified.", refused);
  }
  const parameters = checkParameters(body, rulesByDialect[dialect]);
  const metadata = checkMetadata(parameters["metadata"]);
  const previousResponseId = parameters["previous_response_id"] as string | undefined;
  const conversationId = readConversation(parameters["conversation"]);
  if (previousResponseId !== undefined && conversationId !== undefined) {
    throw AzureError.invalidRequest(
      "mutually_exclusive_parameters",
      "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are only providing one of: 'previous_response_id' or 'conversation'.",
      "previous_response_id",
    );
  }
  const store = parameters["store"] !== false;
  const background = parameters["background"] === true;
  if (background && !store) {
    throw AzureError.invalidRequest("invalid_value", "Background mode requires 'store' to be true.", "background");
  }
  const { include_obfuscation: obfuscation } = Object(parameters["stream_options"]) as JsonObject;
  return {
    body: parameters,
    stream: parameters["stream"] === true,
    background,
    store,
    metadata,
    previousResponseId,
    conversationId,
    include: new Set([parameters["include"] ?? []].flat()),
    obfuscated: obfuscation !== false,
  };
}
