import { useEffect, useState } from "preact/hooks";

/** The object URL of a Blob, for as long as a component shows it; empty until then. */
export function useObjectUrl(blob: Blob): string {
  const [url, setUrl] = useState("");
  useEffect(() => {
    const url = URL.createObjectURL(blob);
    setUrl(url);
    return () => URL.revokeObjectURL(url);
  }, [blob]);
  return url;
}
