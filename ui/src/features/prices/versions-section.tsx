import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import { modelQuery } from "../../api/queries.ts";
import type { PriceVersion } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import type { BadgeTone } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { ManagedNotice } from "../../components/managed.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Section } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { PricesTold } from "./prices-told.tsx";
import { versionsQuery } from "./queries.ts";
import { VersionDialog } from "./version-dialog.tsx";

/** What a model itself has cost, costs and is to cost; for those alone who may change the model. */
export function VersionsSection({ modelId }: { modelId: string }): ReactNode {
  const { api } = useApp();
  const model = useQuery(modelQuery(api, modelId)).data?.data;
  // Told to those alone who may change the model.
  const isTheirs = model?.default_params !== undefined;
  const versions = useQuery({ ...versionsQuery(api, modelId), enabled: isTheirs });
  const [isSetting, setIsSetting] = useState(false);
  if (model === undefined || !isTheirs) return null;
  const all = versions.data ?? [];
  return (
    <Section
      title="The model's own price"
      lead="What the levels below it start from, the newest first."
      actions={
        model.managed_by === undefined && (
          <Button onClick={() => setIsSetting(true)}>Set the model&apos;s price</Button>
        )
      }
    >
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
        <ManagedNotice by={model.managed_by} />
        {versions.error && <FailureNotice error={versions.error} onRetry={() => void versions.refetch()} />}
        {versions.data && all.length === 0 && (
          <p className="text-muted">{model.free ? "It is free." : "It has no price: calls are refused."}</p>
        )}
        {all.length > 0 && (
          <DataTable
            caption={`Prices of ${model.slug}`}
            columns={COLUMNS}
            rows={all}
            keyOf={({ id }) => id}
            isInset
          />
        )}
      </div>
      {isSetting && (
        <VersionDialog
          subject={{ model_id: modelId }}
          title={`What ${model.slug} costs`}
          current={all.find(({ state }) => state === "in_force")?.prices}
          onClose={() => setIsSetting(false)}
        />
      )}
    </Section>
  );
}

const STATES: Readonly<Record<PriceVersion["state"], readonly [BadgeTone, string]>> = {
  scheduled: ["accent", "To come"],
  in_force: ["good", "In force"],
  superseded: ["plain", "Replaced"],
  unreadable: ["bad", "Unreadable"],
};

const COLUMNS: readonly Column<PriceVersion>[] = [
  { header: "Price", isHeader: true, cell: ({ prices }) => <PricesTold prices={prices} /> },
  { header: "From", cell: ({ effective_from: from }) => <Time iso={from} as="moment" /> },
  { header: "Source", hiddenBelow: "md", cell: ({ price_source: source }) => source ?? "Set by hand" },
  {
    header: "State",
    cell: ({ state }) => {
      const [tone, words] = STATES[state];
      return <Badge tone={tone}>{words}</Badge>;
    },
  },
];
