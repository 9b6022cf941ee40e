import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { chatModelsQuery } from "../../api/queries.ts";
import type { PriceEntry } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { DeleteDialog } from "../../components/delete-dialog.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { Time } from "../../components/time.tsx";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { useTenantChoices } from "../subjects/choices.ts";
import { SubjectName } from "../subjects/names.tsx";
import { EffectiveSection } from "./effective-section.tsx";
import { EntryDialog } from "./entry-dialog.tsx";
import { PricesTold } from "./prices-told.tsx";
import { entriesQuery, entryPath } from "./queries.ts";
import type { EntryFilter } from "./queries.ts";
import { VersionsSection } from "./versions-section.tsx";
import { ENTRY_STATES, markUpWords, pricesWords } from "./words.ts";

const route = getRouteApi("/shell/prices");

/** Price books: what partners pay the platform, and tenants their partner. */
export function PricesPage(): ReactNode {
  const { tenant_id: tenantId, model_id: modelId, cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const [isAdding, setIsAdding] = useState(false);
  const go = (next: EntryFilter): void =>
    void navigate({ search: (now) => ({ ...now, ...next, cursor: undefined }), resetScroll: false });
  const adding = (
    <Button variant="primary" onClick={() => setIsAdding(true)}>
      <Icon name="plus" />
      Set a price
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Prices"
        lead="A model has one price; a partner and a tenant may pay another. Nothing said, they pay what the level above does."
        actions={adding}
      />
      <Choices tenantId={tenantId} modelId={modelId} onPick={go} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        {modelId !== undefined && <EffectiveSection modelId={modelId} tenantId={tenantId} />}
        {modelId !== undefined && <VersionsSection key={modelId} modelId={modelId} />}
        <Entries
          filter={{ tenant_id: tenantId, model_id: modelId }}
          cursor={cursor}
          adding={adding}
          onGo={(next) => void navigate({ search: (now) => ({ ...now, cursor: next }) })}
        />
      </div>
      {isAdding && <EntryDialog tenantId={tenantId} modelId={modelId} onClose={() => setIsAdding(false)} />}
    </>
  );
}

interface ChoicesProps {
  readonly tenantId: string | undefined;
  readonly modelId: string | undefined;
  readonly onPick: (filter: EntryFilter) => void;
}

function Choices({ tenantId, modelId, onPick }: ChoicesProps): ReactNode {
  const { api } = useApp();
  const models = useQuery(chatModelsQuery(api)).data ?? [];
  const tenants = useTenantChoices();
  return (
    <div className="mb-5 grid gap-3 sm:grid-cols-3">
      <Choice
        label="Model"
        value={modelId}
        options={models.map(({ id, slug }) => ({ value: id, words: slug }))}
        onPick={(next) => onPick({ model_id: next })}
      />
      {tenants.length > 0 && (
        <Choice
          label="Tenant"
          value={tenantId}
          options={tenants}
          onPick={(next) => onPick({ tenant_id: next })}
        />
      )}
    </div>
  );
}

interface EntriesProps {
  readonly filter: EntryFilter;
  readonly cursor: string | undefined;
  readonly adding: ReactNode;
  readonly onGo: (cursor: string | undefined) => void;
}

/** What has been set, with all that is no longer in force. */
function Entries({ filter, cursor, adding, onGo }: EntriesProps): ReactNode {
  const { api } = useApp();
  const entries = useQuery(entriesQuery(api, filter, cursor));
  const [ending, setEnding] = useState<PriceEntry>();
  const isPlatform = may(useMe(), "platform:manage");
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <h2 className="text-lg font-semibold">What was set</h2>
      {entries.error && <FailureNotice error={entries.error} onRetry={() => void entries.refetch()} />}
      {entries.isPending && <Loading what="the price books" />}
      {entries.data?.items.length === 0 && (
        <EmptyState
          title="No entry here"
          why="As long as nothing is set, every level pays the price of the model."
          action={adding}
        />
      )}
      {entries.data !== undefined && entries.data.items.length > 0 && (
        <DataTable
          caption="Entries of the price books, newest first"
          columns={columnsOf(isPlatform, setEnding)}
          rows={entries.data.items}
          keyOf={({ id }) => id}
        />
      )}
      <Pager isFurther={cursor !== undefined} nextCursor={entries.data?.nextCursor} onGo={onGo} />
      {ending && <EndDialog entry={ending} onClose={() => setEnding(undefined)} />}
    </section>
  );
}

function EndDialog({ entry, onClose }: { entry: PriceEntry; onClose: () => void }): ReactNode {
  return (
    <DeleteDialog
      title="End this entry now?"
      action="End it"
      path={entryPath(entry.id)}
      refresh={["prices", "models"]}
      said="Ended."
      onClose={onClose}
    >
      <strong>
        {termsWords(entry)} for {modelWords(entry)}
      </strong>{" "}
      no longer counts: the entry before it does again. What was charged stays, and so does the record.
    </DeleteDialog>
  );
}

function termsWords({ prices, mark_up_percent: percent }: PriceEntry): string {
  return prices === undefined ? markUpWords(percent ?? "0") : pricesWords(prices);
}

function modelWords({ model_id: id, model }: PriceEntry): string {
  return id === "*" ? "every model" : (model ?? id);
}

function columnsOf(isPlatform: boolean, onEnd: (entry: PriceEntry) => void): readonly Column<PriceEntry>[] {
  return [
    {
      header: "Model",
      isHeader: true,
      cell: (entry) => <span className="block max-w-64 min-w-24 break-words">{modelWords(entry)}</span>,
    },
    { header: "Who pays", cell: (entry) => <Payer entry={entry} /> },
    {
      header: "Price",
      cell: (entry) =>
        entry.prices === undefined ? termsWords(entry) : <PricesTold prices={entry.prices} />,
    },
    {
      header: "From",
      hiddenBelow: "md",
      cell: ({ effective_from: from }) => <Time iso={from} as="moment" />,
    },
    {
      header: "Until",
      hiddenBelow: "lg",
      cell: ({ effective_until: until }) => (until === undefined ? "–" : <Time iso={until} as="moment" />),
    },
    {
      header: "State",
      cell: ({ state }) => {
        const [tone, words] = ENTRY_STATES[state];
        return <Badge tone={tone}>{words}</Badge>;
      },
    },
    {
      header: "End",
      align: "right",
      cell: (entry) =>
        entry.state !== "ended" &&
        (isPlatform || entry.set_by === "partner") && (
          <Button
            variant="quiet"
            aria-label={`End ${termsWords(entry)} for ${modelWords(entry)}`}
            onClick={() => onEnd(entry)}
          >
            End
          </Button>
        ),
    },
  ];
}

function Payer({ entry: { tenant_id: tenant, partner_id: partner } }: { entry: PriceEntry }): ReactNode {
  if (tenant !== undefined) return <SubjectName kind="tenant" id={tenant} />;
  return (
    <>
      the partner <SubjectName kind="partner" id={partner} />
    </>
  );
}
