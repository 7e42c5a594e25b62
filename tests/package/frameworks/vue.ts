// State of Vue: objects in `reactive`, or each value in a `ref`.

import { createApp, h, isReactive, proxyRefs, reactive, readonly, ref, toRaw, type Ref } from "vue";
import { dispose, newState, provideViews, walk, type State } from "./walk.js";

function newRefs(): State {
  const refs = Object.fromEntries(Object.entries(newState()).map(([name, value]) => [name, ref<unknown>(value)]));
  return proxyRefs(refs as unknown as { [Name in keyof State]: Ref<State[Name]> });
}

const state = new URLSearchParams(location.search).has("refs") ? newRefs() : (reactive(newState()) as State);
// Behind `proxyRefs` are the refs themselves.
provideViews(() => ({ state, readonly: readonly(state), ...(isReactive(state) && { raw: toRaw(state) }) }));

createApp({
  render: () => [
    h("button", { onClick: () => walk(state) }, "Generate"),
    h("button", { onClick: () => dispose(state) }, "Dispose"),
    h("output", [state.status, " ", state.job?.id]),
    state.partialImages.map((image) => h("img", { alt: "partial image", src: image.objectUrl, width: image.width })),
    state.images.map((image) => h("img", { alt: "image", src: image.objectUrl, title: image.mediaType })),
  ],
}).mount(document.body.appendChild(document.createElement("main")));
