import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, Section } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { useIsIdle } from "../../lib/idle.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { BudgetCard } from "./budget-card.tsx";
import { CreateBudgetDialog } from "./create-dialog.tsx";
import { DeleteBudgetDialog, EditBudgetDialog } from "./edit-dialog.tsx";
import { budgetsQuery } from "./queries.ts";
import { mayChange } from "./standing.ts";
import type { Standing } from "./standing.ts";

const POLL_MS = 5_000;
const IDLE_MS = 10 * 60_000;

type Opened = { readonly kind: "create" } | { readonly kind: "edit" | "delete"; readonly budget: Standing };

interface BudgetsSectionProps {
  readonly cursor: string | undefined;
  readonly onGo: (cursor: string | undefined) => void;
}

/** The budgets one may see, as they stand now. */
export function BudgetsSection({ cursor, onGo }: BudgetsSectionProps): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const isIdle = useIsIdle(IDLE_MS);
  const budgets = useQuery({ ...budgetsQuery(api, cursor), refetchInterval: isIdle ? false : POLL_MS });
  const [opened, setOpened] = useState<Opened>();
  const close = (): void => setOpened(undefined);
  const listed = budgets.data?.items ?? [];
  // Those of a tenant or a group are over one's own calls too, where one may not see their accounts.
  const further = me.budgets.filter(({ id }) => !listed.some((each) => each.id === id));
  const shown: readonly Standing[] = cursor === undefined ? [...listed, ...further] : listed;
  const adding = may(me, "accounting:manage_budgets") && (
    <Button variant="primary" onClick={() => setOpened({ kind: "create" })}>
      <Icon name="plus" />
      Add budget
    </Button>
  );
  return (
    <Section title="Budgets" lead="The most a scope may use in a period." actions={adding}>
      {budgets.error && <FailureNotice error={budgets.error} onRetry={() => void budgets.refetch()} />}
      {budgets.isPending && <Loading what="budgets" />}
      {budgets.data && shown.length === 0 && (
        <EmptyState
          title="No budgets yet"
          why="A budget bounds what a tenant, a group, a user or a key may spend: to the last digit, however many requests come at once."
          action={adding}
        />
      )}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4 xl:grid-cols-2">
        {shown.map((budget) => (
          <BudgetCard
            key={budget.id}
            budget={budget}
            {...(mayChange(me, budget) && {
              onEdit: () => setOpened({ kind: "edit", budget }),
              onDelete: () => setOpened({ kind: "delete", budget }),
            })}
          />
        ))}
      </div>
      <Pager isFurther={cursor !== undefined} nextCursor={budgets.data?.nextCursor} onGo={onGo} />
      {opened?.kind === "create" && <CreateBudgetDialog onClose={close} />}
      {opened?.kind === "edit" && <EditBudgetDialog budget={opened.budget} onClose={close} />}
      {opened?.kind === "delete" && <DeleteBudgetDialog budget={opened.budget} onClose={close} />}
    </Section>
  );
}
