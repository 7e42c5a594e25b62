import { useState } from "preact/hooks";
import { AzureImageError, type Citation } from "azure-image-client";
import { distinct, webPageOf } from "./citations.js";

/** The cited web pages and files. */
export function Sources({ citations, download }: { citations: readonly Citation[]; download: (citation: Citation) => Promise<Blob> }) {
  const listed = distinct(citations);
  if (listed.length === 0) return null;
  return (
    <ul class="sources" aria-label="Sources and files">
      {listed.map((citation) => (
        <li key={citation.fileId ?? citation.url}>
          {citation.fileId === undefined ? <WebPage citation={citation} /> : <CitedFile citation={citation} download={download} />}
        </li>
      ))}
    </ul>
  );
}

function WebPage({ citation }: { citation: Citation }) {
  const url = webPageOf(citation);
  const title = citation.title || citation.url || "Source";
  if (url === undefined) return <span>{title}</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {title}
    </a>
  );
}

function CitedFile({ citation, download }: { citation: Citation; download: (citation: Citation) => Promise<Blob> }) {
  const [outcome, setOutcome] = useState("");
  const name = citation.fileName ?? citation.fileId ?? "file";

  async function save(): Promise<void> {
    setOutcome("Downloading…");
    try {
      const url = URL.createObjectURL(await download(citation));
      const link = document.createElement("a");
      link.href = url;
      link.download = name;
      link.click();
      URL.revokeObjectURL(url);
      setOutcome("");
    } catch (error) {
      setOutcome(AzureImageError.from(error).message);
    }
  }

  return (
    <>
      <span>{name}</span>{" "}
      <button type="button" class="secondary" aria-label={`Download ${name}`} onClick={() => void save()}>
        Download
      </button>{" "}
      <small role="status">{outcome}</small>
    </>
  );
}
