// The component of the README, within what React had at its oldest.

import { StrictMode, version } from "react";
import { createRoot } from "react-dom/client";
// @ts-expect-error It comes out of the README.
import { Painter } from "./painter.jsx";

const main = document.body.appendChild(document.createElement("main"));
main.title = version;
createRoot(main).render(
  <StrictMode>
    <section aria-label="painter">
      <Painter />
    </section>
  </StrictMode>,
);
