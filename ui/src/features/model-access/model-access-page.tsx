import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { ModelAccessRule } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { Time } from "../../components/time.tsx";
import { DeleteRuleDialog } from "./delete-rule-dialog.tsx";
import { ModelGroups } from "./model-groups.tsx";
import { rulesQuery } from "./queries.ts";
import { RuleDialog } from "./rule-dialog.tsx";
import { ruleWords } from "./words.ts";

const route = getRouteApi("/shell/access/model-access");

/** Access → Model access: which models somebody may use, and models named together. */
export function ModelAccessPage(): ReactNode {
  const [isAdding, setIsAdding] = useState(false);
  const adding = (
    <Button variant="primary" onClick={() => setIsAdding(true)}>
      <Icon name="plus" />
      Add rule
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Model access"
        lead="Without a rule, everybody may use every model they see. Where something is allowed, everything else is not; a block counts more than an allowance."
        actions={adding}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
        <Rules adding={adding} />
        <ModelGroups />
      </div>
      {isAdding && <RuleDialog onClose={() => setIsAdding(false)} />}
    </>
  );
}

function Rules({ adding }: { adding: ReactNode }): ReactNode {
  const { api } = useApp();
  const { cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const rules = useQuery(rulesQuery(api, cursor));
  const [removing, setRemoving] = useState<ModelAccessRule>();
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <h2 className="text-lg font-semibold">Rules</h2>
      {rules.error && <FailureNotice error={rules.error} onRetry={() => void rules.refetch()} />}
      {rules.isPending && <Loading what="rules" />}
      {rules.data?.items.length === 0 && (
        <EmptyState
          title="No rules yet"
          why="Every model is there for everybody. A rule allows or blocks models for a tenant, a group, a user or a key."
          action={adding}
        />
      )}
      {rules.data !== undefined && rules.data.items.length > 0 && (
        <div>
          <DataTable
            caption="Rules"
            columns={columns(setRemoving)}
            rows={rules.data.items}
            keyOf={({ id }) => id}
          />
          <Pager
            isFurther={cursor !== undefined}
            nextCursor={rules.data.nextCursor}
            onGo={(next) => void navigate({ search: { cursor: next } })}
          />
        </div>
      )}
      {removing && <DeleteRuleDialog rule={removing} onClose={() => setRemoving(undefined)} />}
    </section>
  );
}

function columns(onRemove: (rule: ModelAccessRule) => void): readonly Column<ModelAccessRule>[] {
  return [
    { header: "For", isHeader: true, cell: (rule) => <Subject rule={rule} /> },
    {
      header: "Effect",
      cell: ({ effect }) =>
        effect === "allow" ? <Badge tone="good">Allowed</Badge> : <Badge tone="bad">Blocked</Badge>,
    },
    { header: "Models", cell: (rule) => <Models rule={rule} /> },
    { header: "Added", hiddenBelow: "lg", cell: (rule) => <Time iso={rule.created_at} as="date" /> },
    {
      header: "Actions",
      align: "right",
      cell: (rule) => (
        <Button
          variant="quiet"
          aria-label={`Remove the rule ${ruleWords(rule)}`}
          onClick={() => onRemove(rule)}
        >
          Remove
        </Button>
      ),
    },
  ];
}

const KINDS = { tenant: "Tenant", group: "Group", user: "User", api_key: "API key" } as const;

function Subject({ rule }: { rule: ModelAccessRule }): ReactNode {
  const { subject_type: kind, subject_id: id, subject_name: name = id } = rule;
  const look = "block max-w-64 font-medium break-words";
  return (
    <div className="min-w-24">
      {kind === "user" && (
        <Link to="/access/users/$userId" params={{ userId: id }} className={`${look} text-accent`}>
          {name}
        </Link>
      )}
      {kind === "group" && (
        <Link to="/access/groups/$groupId" params={{ groupId: id }} className={`${look} text-accent`}>
          {name}
        </Link>
      )}
      {kind === "api_key" && (
        <Link to="/access/api-keys/$keyId" params={{ keyId: id }} className={`${look} text-accent`}>
          {name}
        </Link>
      )}
      {kind === "tenant" && <span className={look}>{name}</span>}
      <span className="block text-xs text-muted">{KINDS[kind]}</span>
    </div>
  );
}

function Models({ rule: { model, model_group_name: group } }: { rule: ModelAccessRule }): ReactNode {
  if (model !== undefined) return <code className="font-mono text-xs break-all">{model}</code>;
  return (
    <div className="min-w-24">
      <span className="block max-w-64 break-words">{group ?? "A model group"}</span>
      <span className="block text-xs text-muted">Model group</span>
    </div>
  );
}
