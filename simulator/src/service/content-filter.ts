/** The content filter: what it refuses, and the verdicts that accompany each picture. */

const FORBIDDEN = /\b(gore|gory|behead\w*|decapitat\w*|dismember\w*|mutilat\w*|nude|nudity|porn\w*)\b/i;

/** Whether a prompt is refused. The real filter understands language; this one knows some words that are never let through. */
export function isForbidden(prompt: string): boolean {
  return FORBIDDEN.test(prompt);
}

const SAFE = { filtered: false, severity: "safe" } as const;
const NOT_DETECTED = { filtered: false, detected: false } as const;

const safeCategories = { hate: SAFE, self_harm: SAFE, sexual: SAFE, violence: SAFE } as const;

/** The verdict on a picture that was let through. */
export const safePicture = safeCategories;

/** The verdict on a picture that was withheld. */
export const filteredPicture = { ...safeCategories, violence: { filtered: true, severity: "medium" } } as const;

/** The verdict on a prompt that was let through. */
export const safePrompt = {
  ...safeCategories,
  profanity: NOT_DETECTED,
  jailbreak: NOT_DETECTED,
  custom_blocklists: { filtered: false, details: [] },
} as const;
