const DAY_MS = 86_400_000;

/** How long a new key lives. */
export const EXPIRY_CHOICES = [
  { value: "never", label: "Never" },
  { value: "7", label: "In 7 days" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
  { value: "date", label: "On a date…" },
] as const;

/**
 * The instant a choice means, for the API: undefined = never. A date counts to the end of that day, in the reader's
 * own time.
 */
export function expiryOf(choice: string, date: string, nowMs: number): string | undefined {
  if (choice === "never") return undefined;
  if (choice !== "date") return new Date(nowMs + Number(choice) * DAY_MS).toISOString();
  const end = new Date(`${date}T23:59:59`);
  return Number.isNaN(end.getTime()) ? undefined : end.toISOString();
}
