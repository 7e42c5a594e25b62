/** The models that answer in words, and call the image generation tool: those that Microsoft's page of the tool names. */

/** Their names, which are also the deployments that exist from the start. */
export const textModelNames: readonly string[] = [
  "gpt-4o",
  "gpt-4o-mini",
  "gpt-4.1",
  "gpt-4.1-mini",
  "gpt-4.1-nano",
  "o3",
  "gpt-5",
  "gpt-5-mini",
  "gpt-5.5",
  "gpt-5.6-luna",
  "gpt-5.6-sol",
  "gpt-5.6-terra",
];
