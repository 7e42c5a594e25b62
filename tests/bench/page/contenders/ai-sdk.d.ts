import type { Contender } from "../contender.js";

/** The AI SDK of Vercel, which has no streams of the Images API. */
export declare const aiSdk: Contender;
