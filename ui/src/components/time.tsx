import type { ReactNode } from "react";
import { formatDate, formatDateTime, formatMoment, formatRelative } from "../lib/format.ts";

const FORMATS = {
  full: formatDateTime,
  moment: formatMoment,
  date: formatDate,
  relative: (iso: string) => formatRelative(iso, Date.now()),
} as const;

/** An instant in the reader's own time; UTC on hover. */
export function Time({ iso, as = "full" }: { iso: string; as?: keyof typeof FORMATS }): ReactNode {
  const utc = `${new Date(iso).toISOString().replace("T", " ").replace("Z", "")} UTC`;
  const title = as === "full" ? utc : `${formatDateTime(iso)} (${utc})`;
  return (
    <time dateTime={iso} title={title} className="whitespace-nowrap">
      {FORMATS[as](iso)}
    </time>
  );
}
