interface ImportMetaEnv {
  readonly VITE_ENDPOINT?: string;
  readonly VITE_CREDENTIAL?: string;
}
