import type { ReactNode } from "react";
import type { Prices } from "../../api/types.ts";
import { formatCount, formatMoney } from "../../lib/format.ts";
import { FIELD_WORDS, MAIN_FIELDS, OTHER_FIELDS } from "./fields.ts";
import type { PriceField } from "./fields.ts";
import { pricesWords } from "./words.ts";

const FIELDS: readonly PriceField[] = [...MAIN_FIELDS, ...OTHER_FIELDS];

/** A price in a line; all of it where there is more than tokens in and out. */
export function PricesTold({ prices }: { prices: Prices }): ReactNode {
  const { tiers = [], batch_factor: factor, ...base } = prices;
  const hasMore = OTHER_FIELDS.some((name) => name in base) || tiers.length > 0 || factor !== undefined;
  if (!hasMore) return <strong>{pricesWords(prices)}</strong>;
  return (
    <details>
      <summary>
        <strong>{pricesWords(prices)}</strong>
      </summary>
      <div className="mt-2 grid gap-2 text-xs">
        <List prices={base} />
        {tiers.map(({ above_input_tokens: above, ...own }) => (
          <div key={above} className="grid gap-1">
            <p className="font-medium">Above {formatCount(above)} tokens in</p>
            <List prices={own} />
          </div>
        ))}
        {factor !== undefined && <p>Of requests in a batch, the share: {factor}</p>}
      </div>
    </details>
  );
}

function List({ prices }: { prices: Readonly<Partial<Record<PriceField, string>>> }): ReactNode {
  return (
    <dl className="grid grid-cols-[max-content_max-content] gap-x-4 gap-y-0.5">
      {FIELDS.flatMap((name) => {
        const amount = prices[name];
        if (amount === undefined) return [];
        return [
          <dt key={`${name} of`} className="text-muted">
            {FIELD_WORDS[name]}
          </dt>,
          <dd key={name} className="text-right tabular-nums">
            {formatMoney(amount)}
          </dd>,
        ];
      })}
    </dl>
  );
}
