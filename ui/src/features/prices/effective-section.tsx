import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { EffectivePrice, PriceStep } from "../../api/types.ts";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { FailureNotice, Notice } from "../../components/notice.tsx";
import { Loading, Section } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { effectivePriceQuery } from "./queries.ts";
import { PricesTold } from "./prices-told.tsx";
import { LEVEL_WORDS, originWords } from "./words.ts";

interface EffectiveSectionProps {
  readonly modelId: string;
  /** One's own where none is given. */
  readonly tenantId?: string | undefined;
}

/** What a tenant pays for a model now, and how that comes about. */
export function EffectiveSection({ modelId, tenantId }: EffectiveSectionProps): ReactNode {
  const { api } = useApp();
  const price = useQuery(effectivePriceQuery(api, modelId, tenantId));
  return (
    <Section title="What is paid now" lead="For a million tokens, level by level.">
      {price.error && <FailureNotice error={price.error} onRetry={() => void price.refetch()} />}
      {price.isPending && <Loading what="the price" />}
      {price.data && <Chain price={price.data} />}
    </Section>
  );
}

function Chain({ price }: { price: EffectivePrice }): ReactNode {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      {!price.is_priced && (
        <Notice tone="warn">
          <p>This model has no price: requests are refused with MODEL_NOT_PRICED.</p>
        </Notice>
      )}
      <DataTable
        caption={`How the price of ${price.model} comes about`}
        columns={COLUMNS}
        rows={price.chain}
        keyOf={({ level }) => level}
        isInset
      />
      {price.next_change_at !== undefined && (
        <p className="text-xs text-muted">
          It changes next at <Time iso={price.next_change_at} />.
        </p>
      )}
    </div>
  );
}

const COLUMNS: readonly Column<PriceStep>[] = [
  { header: "Level", isHeader: true, cell: ({ level }) => LEVEL_WORDS[level] },
  {
    header: "Price",
    cell: ({ prices }) => (prices === undefined ? "Nothing" : <PricesTold prices={prices} />),
  },
  { header: "From where", cell: originWords },
  {
    header: "Since",
    hiddenBelow: "md",
    cell: ({ effective_from: since }) => (since === undefined ? "" : <Time iso={since} as="moment" />),
  },
];
