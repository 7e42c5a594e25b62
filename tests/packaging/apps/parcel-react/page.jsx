import { createRoot } from "react-dom/client";
import { Studio } from "./studio.jsx";

createRoot(document.querySelector("main")).render(<Studio />);
