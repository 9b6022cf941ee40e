import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import type { Budget } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { DeleteDialog } from "../../components/delete-dialog.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { SubjectName } from "../subjects/names.tsx";
import { BudgetFields } from "./budget-fields.tsx";
import { changeOf, draftOf } from "./draft.ts";
import { budgetPath, budgetQuery } from "./queries.ts";
import { PERIOD_WORDS, SCOPE_WORDS } from "./standing.ts";
import type { Standing } from "./standing.ts";

interface ChangeProps {
  readonly budget: Standing;
  readonly onClose: () => void;
}

/** Changes the limits of a budget, as they are when the form opens. */
export function EditBudgetDialog({ budget, onClose }: ChangeProps): ReactNode {
  const { api } = useApp();
  const read = useQuery(budgetQuery(api, budget.id));
  if (read.error) {
    return (
      <Dialog title="Change the budget" onClose={onClose}>
        <FailureNotice error={read.error} onRetry={() => void read.refetch()} />
      </Dialog>
    );
  }
  if (!read.data) return null;
  return (
    <EditForm
      key={read.data.version}
      budget={read.data}
      onReload={() => void read.refetch()}
      onClose={onClose}
    />
  );
}

interface EditFormProps {
  readonly budget: Versioned<Budget>;
  readonly onReload: () => void;
  readonly onClose: () => void;
}

function EditForm({ budget: { data, version }, onReload, onClose }: EditFormProps): ReactNode {
  const { api } = useApp();
  const [former] = useState(() => draftOf(data));
  const [draft, setDraft] = useState(former);
  const save = useAction({
    call: () => api.data("PATCH", budgetPath(data.id), { body: changeOf(former, draft), ifVersion: version }),
    refresh: ["budgets", "me"],
    said: () => "Saved the budget.",
    onDone: onClose,
  });
  return (
    <FormDialog
      title="Change the budget"
      action="Save"
      isPending={save.isPending}
      error={save.error}
      onSubmit={() => save.run()}
      onReload={onReload}
      onClose={onClose}
      isWide
    >
      <p>
        <Which budget={data} />. A changed limit is in force at once, for the running window too.
      </p>
      <BudgetFields
        draft={draft}
        onType={setDraft}
        failure={save.error ? asFailure(save.error) : undefined}
      />
    </FormDialog>
  );
}

/** Asks before a budget goes. */
export function DeleteBudgetDialog({ budget, onClose }: ChangeProps): ReactNode {
  return (
    <DeleteDialog
      title="Delete this budget?"
      path={budgetPath(budget.id)}
      refresh={["budgets", "me"]}
      onClose={onClose}
    >
      <Which budget={budget} /> goes with what it has counted, and limits nothing any more. The usage stays.
    </DeleteDialog>
  );
}

function Which({ budget: { period, scope, scope_id: id } }: { budget: Standing }): ReactNode {
  return (
    <strong className="break-words">
      {PERIOD_WORDS[period]} budget of the {SCOPE_WORDS[scope]} <SubjectName kind={scope} id={id} />
    </strong>
  );
}
