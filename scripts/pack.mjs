import { attempt, Missing } from "./tools.mjs";

/** Packs the package of the folder `source`, as it was built, into another, and gives what npm tells of it. */
export async function pack(source, destination) {
  const { succeeded, printed, errors } = await attempt("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", destination, source]);
  if (!succeeded) throw new Missing(`npm could not pack ${source}:\n${errors}`);
  // An array in npm up to 11, an object by name after that.
  const [packed] = Object.values(JSON.parse(printed));
  return packed;
}
