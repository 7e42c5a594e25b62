const EXAMPLES = {
  "Mountain lake": "A mountain lake at sunset, snow on the peaks, mirror-still water",
  "City at night": "A harbour city at night, lit windows reflected in the water",
  "Foggy forest": "A pine forest in autumn fog, first light above the ridge",
  "Ringed planet": "A ringed planet over a violet nebula, deep space",
};

export const [FIRST_PROMPT = ""] = Object.values(EXAMPLES);

/** What to draw, with examples to begin with and advice on how to say it. */
export function Prompt({ prompt, onPrompt }: { prompt: string; onPrompt: (prompt: string) => void }) {
  return (
    <div class="field">
      <label for="prompt">Prompt</label>
      <textarea id="prompt" name="prompt" rows={4} required value={prompt} onInput={(event) => onPrompt(event.currentTarget.value)} />
      <div class="examples" role="group" aria-label="Example prompts">
        {Object.entries(EXAMPLES).map(([name, example]) => (
          <button key={name} type="button" onClick={() => onPrompt(example)}>
            {name}
          </button>
        ))}
      </div>
      <details class="advice">
        <summary>How to write one</summary>
        <p>
          <small>
            Say what is to be seen, then how: subject, place, light, and a style such as "watercolour" or "35 mm photo". Begin with "draw" for
            something new and with "edit" for a change of what is there. Names of living artists, brands and real people are likely to be refused: the
            content filter reads the prompt first, and the picture afterwards.{" "}
            <a target="_blank" rel="noreferrer" href="https://learn.microsoft.com/azure/ai-foundry/openai/how-to/dall-e">
              How to use the models
            </a>{" "}
            ·{" "}
            <a target="_blank" rel="noreferrer" href="https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter">
              What the content filter does
            </a>
          </small>
        </p>
      </details>
    </div>
  );
}
