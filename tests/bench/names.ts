// The contenders, as the tables and the chart name them.

export const OURS = "azure-image-client";
export const BY_HAND = "eventsource-parser";
export const OPENAI = "openai + fromBase64";
export const COPY = "copy + fromBase64";
export const DRAIN = "drain only";
