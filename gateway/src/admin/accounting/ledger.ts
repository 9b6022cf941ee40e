import { z } from "zod";
import { accountingScope } from "../../access/scope.ts";
import { siblingId } from "../../base/ids.ts";
import { formatAmount } from "../../base/money.ts";
import { ACCOUNT_OWNERS, ACCOUNTS, MOVEMENTS } from "../../core/ledger.ts";
import { type Entry, type EntryCursor, listEntries } from "../../store/ledger/entries.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, pageQuery, timestamp } from "../fields.ts";
import { given } from "../given.ts";
import { decodeCursor, encodeCursor } from "../paging.ts";
import { bookFirst, ledgerFilter, ledgerQuery } from "./ledger-query.ts";
import { ledgerBatch } from "./usage-filter.ts";

const entryView = z
  .strictObject({
    id: z.string().describe("Of the movement: its other side has the same."),
    side: z.enum(["to", "from"]),
    kind: z.enum(MOVEMENTS),
    owner: z.enum(ACCOUNT_OWNERS),
    owner_id: z.string(),
    account: z.enum(ACCOUNTS),
    amount: z.string().describe("Decimal; the two sides of a movement come to zero."),
    partner_id: z.string(),
    tenant_id: z.string().optional(),
    backend_id: z.string().optional(),
    month: z.string().describe("The statement it is a line of."),
    for_month: z.string().describe("The month it is about: another one where that was closed already."),
    batch: z.string().optional().describe("Its requests: `GET /v1/accounting/usage?batch=`."),
    adjustment_id: z.string().optional(),
    at: timestamp,
  })
  .meta({ id: "LedgerEntry" });

const CURSOR = /^(led_[0-9A-Z]{26}) (to|from)$/;

export const listLedger = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/ledger",
  access: "accounting:view_tenant",
  tag: "Accounting",
  operationId: "listLedgerEntries",
  summary: "Entries of the ledger, newest first: those of one's own accounts and of the accounts below",
  costBearing: false,
  query: z.strictObject({
    ...pageQuery,
    ...ledgerQuery,
    batch: ledgerBatch.optional(),
    adjustment_id: z.string().max(64).optional(),
    request_id: z
      .string()
      .regex(/^req_[0-9A-Z]{26}$/, "must be a request id")
      .optional()
      .describe("Those that this request is part of."),
  }),
  response: entryView,
  list: true,
  async handle({ principal, query }, deps) {
    await bookFirst(deps);
    const filter = {
      ...ledgerFilter(query),
      ...given({
        batch: query.batch === undefined ? undefined : BigInt(query.batch),
        adjustmentId: query.adjustment_id,
        usageId: query.request_id === undefined ? undefined : siblingId("usage", query.request_id),
      }),
    };
    const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
    const found = await listEntries(deps.read, accountingScope(principal), filter, {
      limit: query.limit + 1,
      ...(after && { after }),
    });
    const items = found.slice(0, query.limit);
    const last = items.at(-1);
    const more = found.length > items.length && last !== undefined;
    const nextCursor = more ? encodeCursor(`${last.id} ${last.side}`) : undefined;
    return { kind: "page", page: { items: items.map(viewEntry), ...given({ nextCursor }) } };
  },
});

function readCursor(cursor: string): EntryCursor {
  const [id = "", side] = decodeCursor(cursor, CURSOR).split(" ");
  return { id, side: side === "to" ? "to" : "from" };
}

function viewEntry(entry: Entry): z.infer<typeof entryView> {
  return {
    id: entry.id,
    side: entry.side,
    kind: entry.kind,
    owner: entry.owner,
    owner_id: entry.ownerId,
    account: entry.account,
    amount: formatAmount(entry.amount),
    partner_id: entry.partnerId,
    ...given({ tenant_id: entry.tenantId, backend_id: entry.backendId }),
    month: entry.month,
    for_month: entry.forMonth,
    ...(entry.batch !== undefined && { batch: String(entry.batch) }),
    ...given({ adjustment_id: entry.adjustmentId }),
    at: isoTime(entry.at),
  };
}
