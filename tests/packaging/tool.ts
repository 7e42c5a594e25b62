/** A program of a tool's package: `"vite5"` or, if the package has several programs or another name, `"@angular/cli#ng"`; then its arguments. */
export type Command = readonly [program: string, ...parameters: string[]];

/** How an app gets the WebAssembly: streamed from its file, from a JavaScript module, or not in the page at all. */
export type Source = "file" | "inline" | "server";

/** A page that generates an image. A `PORT` in a command is replaced with a free port. */
export interface PageWay {
  build?: Command;
  /** What the build prints about other packages or its own defaults. */
  warnings?: RegExp;
  /** The tool's own server … */
  serve?: Command;
  /** … or the folder that a plain server serves. */
  folder?: string;
  /** The paths of the pages. Not set: `/`. */
  pages?: string[];
  /** The folder with what the page may load, to be measured. */
  output?: string;
  source: Source;
  runsIn?: "worker" | "serviceworker";
  /** The final text of the page's `<output>`. Not set: `2`, the number of partial images. */
  says?: string;
}

/** A program that generates an image. It gets the endpoint as `ENDPOINT` and prints a line `RESULT {"previews":2,"type":…,"sha256":…}`. */
export interface ProgramWay {
  run: Command;
}

export type Way = PageWay | ProgramWay;

/** A tool of the matrix: a row of the table. */
export interface Tool {
  /** Its folder in `apps`. The files of `apps/shared` are added to it. */
  app: string;
  /** The package whose version the table shows. Not set: the version of the browser or of Node. */
  package?: string;
  dev?: Way;
  build?: Way;
}
