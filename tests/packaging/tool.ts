/** A program of a tool's package: `"vite5"` or, if the package has several programs or another name, `"@angular/cli#ng"`; then its arguments. */
export type Command = readonly [program: string, ...parameters: string[]];

/** The source of the WebAssembly in an app: streamed from its file, from a JavaScript module, or not in the page at all. */
export type Source = "file" | "inline" | "server";

/** A way to open a page without a server. A privileged `file:` URL may read other files, as in Electron. */
export type Opener = "file" | "privileged file" | "extension";

/** The expectations of a page. */
export interface Expected {
  source: Source;
  runsIn?: "worker" | "serviceworker";
  /** True for a tool that prefetches the `.wasm` file. The package's own request then takes it from the cache. */
  prefetches?: boolean;
  /** The number of requests for the page and its files. Not set: not checked. */
  requests?: number;
}

/**
 * A page that generates an image. A `PORT` in a command is replaced with a free port. The environment variables `PORT` and `HOST` hold the
 * same port and the host.
 */
export interface PageWay extends Expected {
  build?: Command;
  /** Warnings that the build prints about other packages or defaults. */
  warnings?: RegExp;
  /** The tool's own server … */
  serve?: Command;
  /** … or the folder that a plain server serves. */
  folder?: string;
  /** No server: the browser opens `index.html` of `folder`. */
  opener?: Opener;
  /** The paths of the pages, or a path with what differs there. Not set: `/`. */
  pages?: (string | (Partial<Expected> & { path: string }))[];
  /** The folder with the files of the page, to be measured. */
  output?: string;
}

/**
 * A program that generates an image. It reads the endpoint from `ENDPOINT` and a browser's path from `CHROMIUM_PATH`, and prints a line
 * `RESULT {"partialImages":2,"type":…,"sha256":…}`.
 */
export interface ProgramWay {
  run: Command;
  env?: Record<string, string>;
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
