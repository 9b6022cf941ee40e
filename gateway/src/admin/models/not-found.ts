import { nearest } from "../../base/nearest.ts";
import type { FrontendModel } from "../../core/catalogue.ts";
import { ApiError } from "../../errors.ts";

const HINTED_SLUGS = 3;

/** No such model among those the caller may see; the nearest of them are named. */
export function modelNotFound(slug: string, seen: readonly FrontendModel[]): ApiError {
  const slugs = seen.map((known) => known.slug);
  const close = nearest(slug, slugs, HINTED_SLUGS);
  return new ApiError(
    "MODEL_NOT_FOUND",
    undefined,
    close.length > 0 ? { hint: `Nearest models you may use: ${close.join(", ")}.` } : {},
  );
}
