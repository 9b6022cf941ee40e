import type { ReactNode } from "react";
import type { Trace, Usage } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Facts } from "../../components/facts.tsx";
import { Section } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { formatCount, formatMoney, formatMs, formatName } from "../../lib/format.ts";

type Prices = NonNullable<Trace["price"]>["prices"];
type PriceName = keyof Prices;

/** Which price a kind of usage is charged at; without the first of them the next one counts. */
const PRICES_OF: Readonly<Record<string, readonly PriceName[]>> = {
  input: ["input_per_mtok"],
  input_cached_read: ["cached_read_per_mtok", "input_per_mtok"],
  input_cached_write_5m: ["cached_write_5m_per_mtok", "input_per_mtok"],
  input_cached_write_1h: ["cached_write_1h_per_mtok", "input_per_mtok"],
  input_audio: ["input_audio_per_mtok", "input_per_mtok"],
  output: ["output_per_mtok"],
  output_reasoning: ["reasoning_per_mtok", "output_per_mtok"],
  output_audio: ["output_audio_per_mtok", "output_per_mtok"],
  image: ["per_image"],
  second: ["per_second"],
  character: ["per_mchar"],
  search: ["per_search"],
  request: ["per_request"],
};
/** What a price is for, by the end of its name. */
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/_per_mtok$/, "per million tokens"],
  [/^per_mchar$/, "per million characters"],
  [/^per_/, "each"],
];

/** One kind of usage with its price. */
interface Line {
  readonly kind: string;
  readonly count: number;
  /** Absent where nothing is charged. */
  readonly price?: { readonly amount: string; readonly unit: string };
}

function linesOf(usage: Usage, prices: Prices = {}): readonly Line[] {
  return Object.entries(usage.usage).map(([kind, count]) => {
    const name = PRICES_OF[kind]?.find((each) => prices[each] !== undefined);
    const amount = name && prices[name];
    if (name === undefined || amount === undefined) return { kind, count };
    return { kind, count, price: { amount, unit: UNITS.find(([shape]) => shape.test(name))?.[1] ?? "" } };
  });
}

/** What was used, and what it costs at which prices. */
export function CostSection({ trace }: { trace: Trace }): ReactNode {
  const { usage, price } = trace;
  if (!usage) return null;
  const lines = linesOf(usage, price?.prices);
  return (
    <Section title="Usage and price" actions={<Origin usage={usage} />}>
      <div className="grid gap-5">
        <Totals usage={usage} bound={price?.bound} />
        {lines.length > 0 && (
          <DataTable
            caption="What was used, and its price"
            columns={LINE_COLUMNS}
            rows={lines}
            keyOf={({ kind }) => kind}
            isInset
          />
        )}
      </div>
    </Section>
  );
}

/** Where the numbers come from; a call that came to nothing has none. */
function Origin({ usage }: { usage: Usage }): ReactNode {
  if (Object.keys(usage.usage).length === 0) return <Badge tone="plain">Nothing was used</Badge>;
  if (usage.estimated) return <Badge tone="warn">Estimated</Badge>;
  return <Badge tone="good">Reported by the upstream</Badge>;
}

function Totals({ usage, bound }: { usage: Usage; bound: string | undefined }): ReactNode {
  return (
    <Facts
      facts={[
        ["Price", <strong key="price">{formatMoney(usage.cost)}</strong>],
        ["Cost of the backend", formatMoney(usage.backend_cost)],
        ["Reserved beforehand", bound === undefined ? undefined : formatMoney(bound)],
        ["Tokens in / out", `${formatCount(usage.tokens_in)} / ${formatCount(usage.tokens_out)}`],
        ["First content after", usage.ttft_ms === undefined ? undefined : formatMs(usage.ttft_ms)],
        ["Settled", <Time key="settled" iso={usage.settled_at} />],
        ...Object.entries(usage.metadata ?? {}).map(([name, value]) => [`Metadata: ${name}`, value] as const),
      ]}
    />
  );
}

const LINE_COLUMNS: readonly Column<Line>[] = [
  { header: "Used", isHeader: true, cell: ({ kind }) => formatName(kind) },
  { header: "Amount", align: "right", cell: ({ count }) => formatCount(count) },
  { header: "Price", align: "right", cell: ({ price }) => (price ? formatMoney(price.amount) : "–") },
  { header: "For", cell: ({ price }) => <span className="text-muted">{price?.unit}</span> },
];
