import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { loadMsal, redirectUri, signedIn, signIn } from "./entra.js";
import type { Profile } from "./profiles.js";

const KINDS = { key: "API key", entra: "Sign in", token: "Token", none: "None" };

/** With what the calls are let in. */
export function CredentialFields({ profile, fields }: { profile: Profile; fields: FormData | undefined }) {
  const [kind, setKind] = useState(profile.credential);
  return (
    <>
      <fieldset>
        <legend>Credential</legend>
        <div class="choices">
          {Object.entries(KINDS).map(([value, label]) => (
            <label key={value}>
              <input type="radio" name="credential" value={value} defaultChecked={value === profile.credential} onChange={() => setKind(value)} />
              {label}
            </label>
          ))}
        </div>
      </fieldset>
      <div class="credential" hidden={kind !== "key"}>
        <div class="field">
          <label for="key">API key</label>
          <Secret name="key" value={profile.key} id="key" />
        </div>
        <div class="consent">
          <input type="checkbox" id="key-is-mine" name="keyIsMine" defaultChecked={profile.keyIsMine} aria-describedby="key-hint" />
          <label for="key-is-mine">This key is mine: send it from this page.</label>
          <small id="key-hint">Sets dangerouslyAllowApiKeyInBrowser, without which a key goes to this computer and this page's server only.</small>
        </div>
        <div class="consent">
          <input type="checkbox" id="remember-key" name="rememberKey" defaultChecked={profile.rememberKey} aria-describedby="remember-hint" />
          <label for="remember-key">Save the key along with the connection.</label>
          <small id="remember-hint">
            It stays in memory otherwise, until you close or reload the page. A saved key lies readable in this browser: whoever uses it, and every
            script of {location.origin}, can take it and make pictures at your cost.
          </small>
        </div>
      </div>
      {kind === "entra" && <SignIn profile={profile} fields={fields} />}
      <div class="credential" hidden={kind !== "token"}>
        <div class="field">
          <label for="token">Microsoft Entra token</label>
          <Secret name="token" value={profile.token} id="token" aria-describedby="token-hint" />
          <small id="token-hint">
            Print one with <code>az account get-access-token --resource https://cognitiveservices.azure.com</code>. It stays in memory.
          </small>
        </div>
      </div>
      <p class="credential" hidden={kind !== "none"}>
        <small>Nothing is sent: the endpoint is a proxy that adds the credential.</small>
      </p>
    </>
  );
}

/** A field that is filled once, past the attributes: what stands in these can be read from the text of the page. */
function Secret({ value, ...attributes }: { name: string; value: string; id: string; "aria-describedby"?: string }) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (input.current) input.current.value = value;
  }, []);
  return <input type="password" autocomplete="off" ref={input} {...attributes} />;
}

/** Signs in with Microsoft Entra, by an app registration of the person's own. */
function SignIn({ profile, fields }: { profile: Profile; fields: FormData | undefined }) {
  const [trouble, setTrouble] = useState("");
  // Loaded by the time that the button is pressed: a window that opens later than that is blocked.
  useEffect(() => void loadMsal().catch(() => {}), []);

  async function start(): Promise<void> {
    setTrouble("");
    try {
      await signIn(String(fields?.get("clientId") ?? ""), String(fields?.get("tenantId") ?? ""));
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  }

  return (
    <div class="credential">
      <div class="pair">
        <label class="field">
          Client ID
          <input name="clientId" defaultValue={profile.clientId} spellcheck={false} />
        </label>
        <label class="field">
          Tenant ID
          <input name="tenantId" defaultValue={profile.tenantId} spellcheck={false} />
        </label>
      </div>
      <small>
        Of an app registration of yours, for single-page applications, with the redirect URI <code>{redirectUri}</code>. You need the role "Cognitive
        Services OpenAI User" on the resource. The sign-in, MSAL, was loaded just now: without it the page does without.
      </small>
      <button type="button" class="secondary" onClick={() => void start()}>
        Sign in
      </button>
      <div role="status" aria-label="Sign-in">
        {trouble ? <small class="mistake">{trouble}</small> : signedIn.value && <small>Signed in as {signedIn.value.user}.</small>}
      </div>
    </div>
  );
}
