// The component of the README, with the oldest Vue.
import { createApp, h, version } from "vue";
import Painter from "./Painter.vue";

const main = document.body.appendChild(document.createElement("main"));
main.title = version;
createApp(() => h("section", { "aria-label": "painter" }, h(Painter))).mount(main);
