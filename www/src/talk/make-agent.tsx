import { useState } from "preact/hooks";
import { type AzureImageClient, AzureImageError } from "azure-image-client";

/** Makes an agent that draws, or a new version of it, for those who have none to talk to. */
export function MakeAgent({ client, name, model }: { client: AzureImageClient; name: string; model: string }) {
  const [outcome, setOutcome] = useState("");

  async function make(): Promise<void> {
    setOutcome("Asking…");
    const instructions = "You paint what the user describes, in watercolour. You edit your last picture where the user asks for a change.";
    const tools = [{ type: "image_generation" as const, partialImages: 2 }];
    try {
      const made = await client.agents.createVersion(name, { model, instructions, tools });
      setOutcome(`${name} is there, version ${made.version}.`);
    } catch (error) {
      setOutcome(AzureImageError.from(error).message);
    }
  }

  return (
    <div class="tools">
      <button type="button" class="secondary" onClick={() => void make()}>
        Make this agent
      </button>
      <small role="status" aria-label="Agent">
        {outcome || `An agent lives in a Foundry project. This makes one of ${model} that paints watercolours.`}
      </small>
    </div>
  );
}
