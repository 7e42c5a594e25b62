import { useState } from "preact/hooks";
import { describeConnection, givenCredential, givenEndpoint } from "./client.js";
import { ConnectionTest } from "./test.js";

/** The models that the library knows by name. */
const MODELS = ["gpt-image-2", "gpt-image-1.5", "gpt-image-1", "gpt-image-1-mini", "dall-e-3", "dall-e-2"];

const [DEFAULT_MODEL = ""] = MODELS;

/** Where the calls go, and with what they are let in. */
export function Connection({ fields }: { fields: FormData | undefined }) {
  const [credential, setCredential] = useState(givenCredential);
  return (
    <details id="connection">
      <summary>
        <span>Connection</span> <span id="connection-summary">{fields && describeConnection(fields)}</span>
      </summary>
      <div class="field">
        <label for="endpoint">Endpoint</label>
        <input id="endpoint" name="endpoint" inputMode="url" spellcheck={false} defaultValue={givenEndpoint} aria-describedby="endpoint-hint" />
        <small id="endpoint-hint">
          An Azure OpenAI resource, such as https://my-resource.openai.azure.com, or a path of this page's server that passes requests on. The
          simulator needs no account, and plays the fault that a prompt names in brackets, such as [truncate=50%].
        </small>
      </div>
      <div class="pair">
        <label class="field">
          Deployment
          <input name="deployment" defaultValue={DEFAULT_MODEL} spellcheck={false} />
        </label>
        <label class="field">
          Its model
          <select name="model">
            <option value="">As its name says</option>
            {MODELS.map((model) => (
              <option key={model} selected={model === DEFAULT_MODEL}>
                {model}
              </option>
            ))}
          </select>
        </label>
      </div>
      <fieldset>
        <legend>Credential</legend>
        <div class="choices">
          {Object.entries({ key: "API key", token: "Entra token", none: "None" }).map(([value, label]) => (
            <label key={value}>
              <input type="radio" name="credential" value={value} defaultChecked={value === givenCredential} onChange={() => setCredential(value)} />
              {label}
            </label>
          ))}
        </div>
      </fieldset>
      <div class="credential" hidden={credential !== "key"}>
        <label class="field">
          API key
          <input type="password" name="key" defaultValue="simulator-key" autocomplete="off" />
        </label>
        <div class="consent">
          <input type="checkbox" id="key-is-mine" name="keyIsMine" aria-describedby="key-hint" />
          <label for="key-is-mine">This key is mine: send it from this page.</label>
          <small id="key-hint">
            Sets dangerouslyAllowApiKeyInBrowser, without which a key goes to this computer and this page's server only. The key stays in memory,
            until you close or reload the page.
          </small>
        </div>
      </div>
      <div class="credential" hidden={credential !== "token"}>
        <div class="field">
          <label for="token">Microsoft Entra token</label>
          <input type="password" id="token" name="token" autocomplete="off" aria-describedby="token-hint" />
          <small id="token-hint">
            Print one with <code>az account get-access-token --resource https://cognitiveservices.azure.com</code>. It stays in memory.
          </small>
        </div>
      </div>
      <p class="credential" hidden={credential !== "none"}>
        <small>Nothing is sent: the endpoint is a proxy that adds the credential.</small>
      </p>
      <ConnectionTest fields={fields} />
    </details>
  );
}
