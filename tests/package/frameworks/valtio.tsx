// State of Valtio, and the snapshots of it that a component of React renders.

import { createRoot } from "react-dom/client";
import { proxy, snapshot, useSnapshot } from "valtio";
import { dispose, newState, provideViews, walk, type State } from "./walk.js";

const state = proxy(newState());
provideViews(() => ({ state, snapshot: snapshot(state) }));

function Studio() {
  const { status, job, partialImages, images } = useSnapshot(state) as State;
  return (
    <>
      <button onClick={() => walk(state)}>Generate</button>
      <button onClick={() => dispose(state)}>Dispose</button>
      <output>
        {status} {job?.id}
      </output>
      {partialImages.map((image) => (
        <img key={image.objectUrl} alt="partial image" src={image.objectUrl} width={image.width} />
      ))}
      {images.map((image) => (
        <img key={image.objectUrl} alt="image" src={image.objectUrl} title={image.mediaType} />
      ))}
    </>
  );
}

createRoot(document.body.appendChild(document.createElement("main"))).render(<Studio />);
