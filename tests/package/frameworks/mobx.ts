// State of MobX: an observable object, rendered by a reaction.

import { autorun, configure, observable, toJS } from "mobx";
import type { GeneratedImage } from "azure-image-client";
import { dispose, newState, provideViews, walk } from "./walk.js";

configure({ enforceActions: "never" });
const state = observable(newState());
provideViews(() => ({ state, plain: toJS(state) }));

const element = <Name extends keyof HTMLElementTagNameMap>(name: Name, members: object) => Object.assign(document.createElement(name), members);
const main = document.body.appendChild(document.createElement("main"));
autorun(() => {
  const picture = (alt: string) => (image: GeneratedImage) => element("img", { alt, src: image.objectUrl, title: image.mediaType });
  main.replaceChildren(
    element("button", { textContent: "Generate", onclick: () => walk(state) }),
    element("button", { textContent: "Dispose", onclick: () => dispose(state) }),
    element("output", { textContent: `${state.status} ${state.job?.id}` }),
    ...state.partialImages.map(picture("partial image")),
    ...state.images.map(picture("image")),
  );
});
