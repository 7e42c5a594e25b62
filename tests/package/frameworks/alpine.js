// State of Alpine: the data of a component.

import Alpine from "alpinejs";
import { dispose, newState, provideViews, walk } from "./walk.js";

document.body.appendChild(document.createElement("main")).innerHTML = `
  <section x-data="studio">
    <button @click="walk">Generate</button>
    <button @click="dispose">Dispose</button>
    <output x-text="status + ' ' + job?.id"></output>
    <template x-for="image in partialImages"><img alt="partial image" :src="image.objectUrl" :width="image.width"></template>
    <template x-for="image in images"><img alt="image" :src="image.objectUrl" :title="image.mediaType"></template>
  </section>`;

Alpine.data("studio", () => ({
  ...newState(),
  init() {
    provideViews(() => ({ state: this, raw: Alpine.raw(this) }));
  },
  walk() {
    return walk(this);
  },
  dispose() {
    dispose(this);
  },
}));
Alpine.start();
