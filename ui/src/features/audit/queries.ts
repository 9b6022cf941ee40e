import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api, Page } from "../../api/client.ts";
import type { AuditEntry } from "../../api/types.ts";

const PAGE_ITEMS = 50;

/** Which entries. Absent fields do not narrow. */
export interface AuditFilter {
  readonly action?: string | undefined;
  readonly actor_id?: string | undefined;
  readonly resource_type?: string | undefined;
  readonly resource_id?: string | undefined;
  readonly status?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

/** One page of entries, newest first. */
export function auditQuery(api: Api, filter: AuditFilter, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["audit-log", filter, cursor],
    queryFn: ({ signal }): Promise<Page<AuditEntry>> => {
      const query = { ...sentFilter(filter), limit: PAGE_ITEMS, cursor };
      return api.page("/v1/audit-log", { query, signal });
    },
    placeholderData: keepPreviousData,
  });
}

/** Where the same entries are to be had as a file. */
export function exportAddress(filter: AuditFilter, format: "csv" | "ndjson"): string {
  const params = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(sentFilter(filter))) {
    if (value !== undefined) params.set(name, value);
  }
  return `/v1/audit-log/export?${params.toString()}`;
}

/** Days are the reader's own: from the first moment of one to the last of the other. */
function sentFilter({ start, end, ...rest }: AuditFilter): AuditFilter {
  return { ...rest, start: midnight(start, 0), end: midnight(end, 1) };
}

function midnight(day: string | undefined, daysLater: number): string | undefined {
  if (day === undefined) return undefined;
  const instant = new Date(`${day}T00:00:00`);
  instant.setDate(instant.getDate() + daysLater);
  // What is no day goes as it is: the gateway says so.
  return Number.isNaN(instant.getTime()) ? day : instant.toISOString();
}
