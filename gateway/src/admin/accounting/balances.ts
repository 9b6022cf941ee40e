import { z } from "zod";
import { accountingScope } from "../../access/scope.ts";
import { formatAmount } from "../../base/money.ts";
import { ACCOUNT_OWNERS, ACCOUNTS } from "../../core/ledger.ts";
import { type Balance, listBalances } from "../../store/ledger/entries.ts";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { given } from "../given.ts";
import { decodeCursor, encodeCursor } from "../paging.ts";
import { bookFirst, ledgerFilter, ledgerQuery } from "./ledger-query.ts";

const balanceView = z
  .strictObject({
    owner: z.enum(ACCOUNT_OWNERS),
    owner_id: z.string(),
    account: z.enum(ACCOUNTS),
    balance: z.string().describe("Decimal: the sum of the account's entries."),
  })
  .meta({ id: "LedgerBalance" });

const CURSOR = new RegExp(`^(${ACCOUNT_OWNERS.join("|")}) (\\w{1,64}) (\\w{1,20})$`);

export const listLedgerBalances = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/ledger/balances",
  access: "accounting:view_tenant",
  tag: "Accounting",
  operationId: "listLedgerBalances",
  summary: "What the accounts of the ledger have come to, in all or in the statements of a month",
  costBearing: false,
  query: z.strictObject({ ...pageQuery, ...ledgerQuery }),
  response: balanceView,
  list: true,
  async handle({ principal, query }, deps) {
    await bookFirst(deps);
    const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
    const found = await listBalances(deps.read, accountingScope(principal), ledgerFilter(query), {
      limit: query.limit + 1,
      ...(after && { after }),
    });
    const items = found.slice(0, query.limit);
    const last = items.at(-1);
    const more = found.length > items.length && last !== undefined;
    const nextCursor = more ? encodeCursor(`${last.owner} ${last.ownerId} ${last.account}`) : undefined;
    return { kind: "page", page: { items: items.map(viewBalance), ...given({ nextCursor }) } };
  },
});

function viewBalance({ owner, ownerId, account, balance }: Balance): z.infer<typeof balanceView> {
  return { owner, owner_id: ownerId, account, balance: formatAmount(balance) };
}

function readCursor(cursor: string): Omit<Balance, "balance"> {
  const [owner, ownerId = "", account] = decodeCursor(cursor, CURSOR).split(" ");
  return {
    owner: ACCOUNT_OWNERS.find((each) => each === owner) ?? "tenant",
    ownerId,
    account: ACCOUNTS.find((each) => each === account) ?? "receivable",
  };
}
