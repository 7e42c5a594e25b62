import { useState } from "preact/hooks";
import { AzureImageError, type ProbeReport } from "azure-image-client";
import { connect } from "./client.js";

const PARTS = {
  reachable: "Reachable",
  cors: "Open to this page (CORS)",
  credential: "Credential",
  deployment: "Deployment",
  apiVersion: "API version",
} as const;
const MARKS = { ok: "works", failed: "fails", unknown: "unknown" };

/** Finds out what works of the way to a picture, without making one. */
export function ConnectionTest({ fields }: { fields: FormData | undefined }) {
  const [report, setReport] = useState<ProbeReport>();
  const [trouble, setTrouble] = useState("");
  const [isBusy, setBusy] = useState(false);

  async function test(): Promise<void> {
    if (!fields || isBusy) return;
    setBusy(true);
    setTrouble("");
    setReport(undefined);
    try {
      setReport(await connect(fields).probe());
    } catch (error) {
      setTrouble(AzureImageError.from(error).message);
    }
    setBusy(false);
  }

  return (
    <div class="test">
      <button type="button" class="secondary" onClick={() => void test()}>
        Test the connection
      </button>
      <div role="status" aria-label="Connection test">
        {isBusy && <small>Asking. Nothing of it costs.</small>}
        {trouble && <small class="mistake">{trouble}</small>}
        {report && (
          <ul class="findings">
            {(Object.keys(PARTS) as (keyof typeof PARTS)[]).map((part) => (
              <li key={part} data-status={report[part].status}>
                <b>
                  {PARTS[part]}: {MARKS[report[part].status]}
                </b>{" "}
                {report[part].status !== "ok" && <small>{report[part].message}</small>}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
