import { useEffect, useState } from "preact/hooks";
import type { PictureCall } from "./picture-call.js";
import { fileSize, seconds } from "./words.js";

/** The time that a call has taken, beside the live region: a screen reader would read every tick. */
export function Clock({ call }: { call: PictureCall }) {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    const ticking = setInterval(() => setNow(performance.now()), 100);
    return () => clearInterval(ticking);
  }, []);
  const { receivedBytes = 0, retry } = call.progress.value ?? {};
  const [retryAt, setRetryAt] = useState(0);
  useEffect(() => setRetryAt(performance.now() + (retry?.waitInMs ?? 0)), [retry]);
  const parts = [
    ...(receivedBytes > 0 ? [fileSize(receivedBytes)] : []),
    ...(retry ? [`next try in ${Math.ceil(Math.max(0, retryAt - now) / 1000)} s`] : []),
    seconds(Math.max(0, now - call.startedAt.value)),
  ];
  return (
    <p id="clock" aria-hidden="true">
      {parts.join(" · ")}
    </p>
  );
}
