interface ImportMetaEnv {
  /** Where `npm start` has put the simulator, if not at its usual address. */
  readonly VITE_SIMULATOR_URL?: string;
}
