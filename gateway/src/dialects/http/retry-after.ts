/** What an upstream may ask for is kept within these, in seconds. */
const RETRY_SECONDS_MIN = 1;
const RETRY_SECONDS_MAX = 60;

/** IMF-fixdate, or one of the two older forms of RFC 9110: all begin with the day of the week. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [\w: -]{6,40}$/;

/**
 * Whole seconds to wait, clamped to 1–60: from `retry-after-ms`, else `retry-after` in seconds or as a date.
 * Undefined when there is neither, or it is garbage. A negative number or a past date is 1.
 */
export function retryAfterSeconds(
  headers: Readonly<Record<string, string>>,
  nowMs: number,
): number | undefined {
  const milliseconds = decimal(headers["retry-after-ms"]);
  if (milliseconds !== undefined) return clamp(milliseconds / 1000);
  const text = headers["retry-after"];
  const seconds = decimal(text);
  if (seconds !== undefined) return clamp(seconds);
  const date = text?.trim() ?? "";
  const dateMs = HTTP_DATE.test(date) ? Date.parse(date) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : clamp((dateMs - nowMs) / 1000);
}

function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*-?\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

function clamp(seconds: number): number {
  return Math.min(RETRY_SECONDS_MAX, Math.max(RETRY_SECONDS_MIN, Math.ceil(seconds)));
}
