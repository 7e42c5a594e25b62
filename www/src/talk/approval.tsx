import { useRef } from "preact/hooks";
import type { ApprovalRequest } from "azure-image-client";
import type { Turn } from "./turn.js";
import { Values } from "./values.js";

/** A request to approve a call of an MCP server. */
export function Approval({ turn, request }: { turn: Turn; request: ApprovalRequest }) {
  const card = useRef<HTMLDivElement>(null);
  const { id, serverLabel, name } = request;
  const isApproved = turn.decisions.value.get(id);
  const isOpen = isApproved === undefined && turn.isWaiting.value;
  const decide = (approve: boolean) => {
    // The buttons disappear with the decision.
    card.current?.focus();
    turn.decide(id, approve);
  };
  return (
    <div class={isOpen ? "call approval" : "call"} role="group" aria-label={`Approval: ${name} on ${serverLabel}`} tabIndex={-1} ref={card}>
      <p>
        {isOpen ? "Allow" : describeDecision(isApproved)} <b>{name}</b> on the MCP server <b>{serverLabel}</b>
        {isOpen && "?"}
      </p>
      {isApproved !== true && <Values value={request.parsedArguments ?? request.arguments ?? ""} />}
      {isOpen && (
        <div class="tools">
          <button type="button" class="primary" onClick={() => decide(true)}>
            Approve
          </button>
          <button type="button" class="secondary" onClick={() => decide(false)}>
            Deny
          </button>
        </div>
      )}
    </div>
  );
}

function describeDecision(isApproved: boolean | undefined): string {
  if (isApproved === undefined) return "Not answered:";
  return isApproved ? "Approved:" : "Denied:";
}
