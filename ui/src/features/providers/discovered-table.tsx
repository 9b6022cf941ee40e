import type { ReactNode } from "react";
import type { DiscoveredModel } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { formatCount } from "../../lib/format.ts";
import { draftOf, isFree } from "./adoption.ts";
import { PricePair } from "./facts.tsx";
import type { Adoption } from "./use-adoption.ts";

interface DiscoveredTableProps {
  readonly models: readonly DiscoveredModel[];
  readonly adoption: Adoption;
}

/** The models that a provider lists; a chosen one shows the fields of what will be made of it. */
export function DiscoveredTable({ models, adoption }: DiscoveredTableProps): ReactNode {
  return (
    <DataTable
      caption="Models of this provider"
      columns={columns(adoption)}
      rows={models}
      keyOf={(found) => found.upstream_model}
    />
  );
}

function columns(adoption: Adoption): readonly Column<DiscoveredModel>[] {
  return [
    { header: "Add", cell: (found) => <Pick found={found} adoption={adoption} /> },
    {
      header: "At the provider",
      isHeader: true,
      cell: (found) => (
        <div className="grid min-w-32 gap-0.5">
          <code className="font-mono text-[0.8125rem] font-medium break-all">{found.upstream_model}</code>
          <Problem found={found} adoption={adoption} />
        </div>
      ),
    },
    { header: "Name for programs", cell: (found) => <Slug found={found} adoption={adoption} /> },
    {
      header: "Context",
      hiddenBelow: "lg",
      align: "right",
      cell: ({ known, proposed_model: proposed }) =>
        proposed && known ? formatCount(proposed.context_window) : "–",
    },
    {
      header: "Price, in / out",
      align: "right",
      cell: (found) => <PriceFields found={found} adoption={adoption} />,
    },
    { header: "State", cell: (found) => <State found={found} adoption={adoption} /> },
  ];
}

interface CellProps {
  readonly found: DiscoveredModel;
  readonly adoption: Adoption;
}

function Pick({ found, adoption }: CellProps): ReactNode {
  const { isChosen, adopted } = adoption.choiceOf(found);
  return (
    <input
      type="checkbox"
      className="size-5 accent-accent"
      aria-label={`Add ${found.upstream_model}`}
      checked={isChosen}
      disabled={adopted.isDone === true || found.proposed_model === undefined}
      onChange={(event) => adoption.change(found, { isChosen: event.target.checked })}
    />
  );
}

function Slug({ found, adoption }: CellProps): ReactNode {
  const { draft, isChosen, adopted, failure } = adoption.choiceOf(found);
  if (!isChosen || adopted.modelId !== undefined) {
    return <code className="font-mono text-xs break-all">{draft.slug === "" ? "–" : draft.slug}</code>;
  }
  return (
    <CellInput
      label={`Name of ${found.upstream_model} for programs`}
      className="w-full min-w-48 font-mono text-xs"
      value={draft.slug}
      isInvalid={failure?.problemOf("slug") !== undefined || failure?.code === "SLUG_CONFLICT"}
      onChange={(slug) => adoption.change(found, { draft: { ...draft, slug } })}
    />
  );
}

function PriceFields({ found, adoption }: CellProps): ReactNode {
  const { draft, isChosen, adopted } = adoption.choiceOf(found);
  if (!isChosen || adopted.modelId !== undefined || isFree(found)) {
    const isTouched = draft !== undefined && adopted.modelId !== undefined;
    const typed = { input_per_mtok: draft.input, output_per_mtok: draft.output };
    return <PricePair prices={isTouched ? typed : found.proposed_model?.prices} isFree={isFree(found)} />;
  }
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap">
      <CellInput
        label={`Price of input of ${found.upstream_model}`}
        className="w-20 text-right"
        value={draft.input}
        onChange={(input) => adoption.change(found, { draft: { ...draft, input } })}
      />
      <span aria-hidden="true">/</span>
      <CellInput
        label={`Price of output of ${found.upstream_model}`}
        className="w-20 text-right"
        value={draft.output}
        onChange={(output) => adoption.change(found, { draft: { ...draft, output } })}
      />
    </span>
  );
}

interface CellInputProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly className: string;
  readonly isInvalid?: boolean;
}

function CellInput({ label, value, onChange, className, isInvalid = false }: CellInputProps): ReactNode {
  return (
    <input
      type="text"
      aria-label={label}
      aria-invalid={isInvalid || undefined}
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className={`min-h-8 rounded-md border bg-surface px-2 py-1 text-ink ${isInvalid ? "border-bad" : "border-edge"} ${className}`}
    />
  );
}

function Problem({ found, adoption }: CellProps): ReactNode {
  const { failure } = adoption.choiceOf(found);
  if (found.proposed_model === undefined) {
    return <span className="text-xs text-muted">No slug can be made of this name: add it with the API.</span>;
  }
  if (failure === undefined) return null;
  const details = failure.details.map(({ field, message }) => `${field} ${message}`);
  return (
    <span role="alert" className="max-w-64 text-xs font-medium break-words text-bad">
      {[failure.message, ...details, failure.hint].filter((words) => words !== undefined).join(" · ")}{" "}
      <code className="font-mono">{failure.code}</code>
    </span>
  );
}

function State({ found, adoption }: CellProps): ReactNode {
  const { adopted, isChosen, draft, failure } = adoption.choiceOf(found);
  if (adopted.isDone) return <Badge tone="good">Added</Badge>;
  if (failure) return <Badge tone="bad">Not added</Badge>;
  const isPriceless = isChosen && !isFree(found) && draft.input.trim() === "" && draft.output.trim() === "";
  if (isPriceless) return <Badge tone="warn">Needs a price</Badge>;
  if (found.backend_ids.length > 0) return <Badge tone="accent">In use</Badge>;
  return draftOf(found).input !== "" || isFree(found) ? (
    <Badge tone="plain">Ready</Badge>
  ) : (
    <Badge tone="plain">Price unknown</Badge>
  );
}
