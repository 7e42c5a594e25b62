/** The answer of the image routes in one JSON document. */

import type { Answer } from "../http/answer.js";
import type { Picture } from "../pictures/picture.js";
import type { Scenario } from "../scenario/grammar.js";
import type { Model } from "../service/catalogue.js";
import type { ImageRequest } from "../service/image-request.js";
import { base64Segment } from "../scenario/alterations.js";
import { documentAnswer } from "../scenario/document.js";
import { imagesDocument, type ImageContent } from "./documents.js";
import { SegmentString } from "../http/json.js";

/** What a document is made from. */
export interface DocumentSource {
  readonly request: ImageRequest;
  readonly model: Model;
  readonly pictures: readonly Picture[];
  readonly scenario: Scenario;
  /** Makes the URL under which a picture can be fetched. */
  readonly publish: (picture: Picture) => string;
  readonly onSent: (picture: Picture) => void;
}

function contents({ request, pictures, scenario, publish, onSent }: DocumentSource): ImageContent[] {
  if (scenario["no-image"]) return [];
  const kept = scenario.fewer ? pictures.slice(0, -1) : pictures;
  return kept.map((picture, index) => {
    const last = index === kept.length - 1;
    if (last && scenario["partially-filtered"]) return "withheld";
    if (request.responseFormat === "url") return { url: publish(picture) };
    return { b64_json: new SegmentString(base64Segment(picture.bytes, scenario, last, () => onSent(picture))) };
  });
}

/** Answers with one JSON document. */
export function imagesAnswer(source: DocumentSource): Answer {
  const { request, model, scenario } = source;
  const created = Math.floor(Date.now() / 1000);
  return documentAnswer(imagesDocument(request, model, contents(source), created), scenario);
}
