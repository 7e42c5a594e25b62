import { build } from "vite";

/** Bundles the contenders into a folder, but for this package, which a page loads as it is published. */
export async function bundle(entry: string, outDir: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: "error",
    build: {
      outDir,
      emptyOutDir: true,
      target: "esnext",
      lib: { entry, formats: ["es"], fileName: () => "bench.js" },
      rollupOptions: { external: ["azure-image-client"] },
    },
  });
}
