import { describeModel, MODELS, SERVICES } from "../make/models.js";
import { modelOf } from "../make/request.js";
import { BUILT_IN } from "../built-in/endpoint.js";
import { CredentialFields } from "./credential.js";
import { chosen, forget, isSaved, nameOf, type Profile, profileOf, profiles, readProfile, save } from "./profiles.js";
import { ConnectionTest } from "./test.js";

/** Where the calls go, and with what they are let in. */
export function Connection({ fields }: { fields: FormData | undefined }) {
  const current = fields && profileOf(fields);
  return (
    <details id="connection">
      <summary>
        <span>Connection</span> <span id="connection-summary">{fields && nameOf(readProfile(fields))}</span>
      </summary>
      <label class="field">
        Saved connections
        <select
          onChange={({ currentTarget }) => {
            const profile = profiles.value.find((profile) => nameOf(profile) === currentTarget.value);
            // Another object, so that the form is filled anew, though it be the same.
            if (profile) chosen.value = { ...profile };
          }}
        >
          {!current && <option selected>As below, not saved</option>}
          {profiles.value.map((profile) => (
            <option key={nameOf(profile)} selected={profile === current}>
              {nameOf(profile)}
            </option>
          ))}
        </select>
      </label>
      <Fields key={chosen.value} profile={chosen.value} fields={fields} />
      <div class="tools">
        <button type="button" class="secondary" onClick={() => fields && save(readProfile(fields))}>
          Save this connection
        </button>
        <button type="button" class="secondary" disabled={!current || !isSaved(current)} onClick={() => current && forget(current)}>
          Forget it
        </button>
      </div>
      <ConnectionTest fields={fields} />
    </details>
  );
}

/** Filled from a profile once; from then on the form holds what the person types. */
function Fields({ profile, fields }: { profile: Profile; fields: FormData | undefined }) {
  return (
    <div class="profile">
      <div class="field">
        <label for="endpoint">Endpoint</label>
        <input id="endpoint" name="endpoint" inputMode="url" spellcheck={false} defaultValue={profile.endpoint} aria-describedby="endpoint-hint" />
        <small id="endpoint-hint">
          An Azure OpenAI resource, such as https://my-resource.openai.azure.com, or a path of this page's server that passes requests on. The
          simulator needs no account: <code>npx azure-image-simulator</code> starts it, where <code>npm start</code> has not. It plays the fault that
          a prompt names in brackets, such as [truncate=50%]. <code>{BUILT_IN}</code> is no server: the page draws something itself.
        </small>
      </div>
      <label class="field">
        Deployment
        <input name="deployment" defaultValue={profile.deployment} spellcheck={false} />
      </label>
      <div class="field">
        <label for="model">Its model</label>
        <select id="model" name="model" aria-describedby="model-hint" onInput={({ currentTarget }) => nameDeployment(currentTarget)}>
          <option value="">As its name says</option>
          {Object.entries(SERVICES).map(([service, label]) => (
            <optgroup key={service} label={label}>
              {MODELS.filter((model) => model.service === service).map(({ name, isRetired }) => (
                <option key={name} value={name} selected={name === profile.model}>
                  {name}
                  {isRetired && " (retired)"}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
        <small id="model-hint">{fields && describeModel(modelOf(fields))}</small>
      </div>
      <CredentialFields profile={profile} fields={fields} />
    </div>
  );
}

/** Many deployments have the name of their model. One that does gets the name of the chosen model. */
function nameDeployment({ value, form }: HTMLSelectElement): void {
  const deployment = form?.elements.namedItem("deployment");
  if (!(deployment instanceof HTMLInputElement) || value === "") return;
  if (deployment.value === "" || MODELS.some(({ name }) => name === deployment.value)) deployment.value = value;
}
