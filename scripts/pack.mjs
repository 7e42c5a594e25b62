import { attempt, Missing } from "./tools.mjs";

/** Packs the built package of the folder `source` into another folder. Returns npm's report. */
export async function pack(source, destination) {
  const { succeeded, printed, errors } = await attempt("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", destination, source]);
  if (!succeeded) throw new Missing(`npm could not pack ${source}:\n${errors}`);
  // An array in npm up to 11, an object by name after that.
  const [packed] = Object.values(JSON.parse(printed));
  return packed;
}
