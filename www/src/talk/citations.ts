import type { Citation } from "azure-image-client";

/** Returns the citations without repetitions. */
export function distinct(citations: readonly Citation[]): readonly Citation[] {
  return [...new Map(citations.map((citation) => [citation.fileId ?? citation.url, citation])).values()];
}

/** Returns the URL of a cited web page. Undefined if it is not a web page: the model can write any URL. */
export function webPageOf({ url }: Citation): string | undefined {
  return url !== undefined && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : undefined;
}

/** Replaces the Markdown links to citations with their words. The page lists the citations as links below. */
export function withoutCitedLinks(text: string, citations: readonly Citation[]): string {
  const urls = new Set(citations.map(({ url }) => url));
  return text.replaceAll(/\[([^\]]+)\]\(([^)\s]+)\)/g, (link, words: string, url: string) =>
    url.startsWith("sandbox:") || urls.has(url) ? words : link,
  );
}
