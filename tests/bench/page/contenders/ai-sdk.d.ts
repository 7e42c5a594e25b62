import type { Contender } from "../contender.js";

/** The AI SDK of Vercel, which streams responses, but not the Images API. */
export declare const aiSdk: Contender;
