import { Studio } from "../studio.jsx";

export default function Page() {
  return <Studio />;
}
