import { dollars } from "../call/words.js";
import { advice } from "./advice.js";

/** What the next call will cost, as far as the library's tables tell, and what is wrong with it. */
export function Cost() {
  const { estimate, problems } = advice.value;
  const { cost, asOf } = estimate ?? {};
  const mistakes = problems.filter(({ severity, param }) => severity === "error" && param !== "size");
  return (
    <p class="cost">
      {cost && (
        <small>
          About <b>{dollars(cost)}</b> for what is drawn, by the prices of {asOf}.
        </small>
      )}
      {mistakes.map(({ param, message }) => (
        <small key={param} class="mistake">
          {message}
        </small>
      ))}
    </p>
  );
}
