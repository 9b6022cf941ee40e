import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { Me } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { SelectField } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import type { SubjectKind } from "../subjects/names.tsx";
import { SubjectField } from "../subjects/subject-field.tsx";
import type { Subject } from "../subjects/subject-field.tsx";
import { BudgetFields } from "./budget-fields.tsx";
import { creationOf, EMPTY_DRAFT } from "./draft.ts";
import { PERIOD_WORDS } from "./standing.ts";

const PERIODS = ["daily", "weekly", "monthly", "total"] as const;
const KINDS: readonly (readonly [SubjectKind, words: string, permission: string])[] = [
  ["tenant", "A whole tenant", "accounting:manage_budgets"],
  ["group", "A group: all its members together", "users:manage"],
  ["user", "A user", "users:manage"],
  ["api_key", "An API key", "users:manage"],
  ["partner", "A partner with all its tenants", "partner:manage"],
];

/** Makes a budget over something within one's reach. */
export function CreateBudgetDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const [subject, setSubject] = useState<Subject>({ kind: "tenant", tenantId: me.tenant.id, id: "" });
  const [draft, setDraft] = useState(EMPTY_DRAFT);
  const add = useAction({
    call: () =>
      api.data("POST", "/v1/accounting/budgets", { body: { ...scopeOf(subject), ...creationOf(draft) } }),
    refresh: ["budgets", "me"],
    said: () => "The budget has been added.",
    onDone: onClose,
  });
  const failure = add.error ? asFailure(add.error) : undefined;
  return (
    <FormDialog
      title="Add a budget"
      action="Add"
      isPending={add.isPending}
      error={add.error}
      onSubmit={() => add.run()}
      onClose={onClose}
      isWide
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <KindField me={me} subject={subject} onPick={setSubject} />
        <SelectField
          label="Period"
          value={draft.period}
          onChange={(event) => {
            const period = PERIODS.find((name) => name === event.target.value) ?? "monthly";
            setDraft({ ...draft, period });
          }}
          hint="In the time zone of what it is for; weeks begin on Monday."
          problem={failure?.problemOf("period")}
        >
          {PERIODS.map((name) => (
            <option key={name} value={name}>
              {PERIOD_WORDS[name]}
            </option>
          ))}
        </SelectField>
      </div>
      <SubjectField subject={subject} onPick={setSubject} failure={failure} field="scope_id" />
      <BudgetFields draft={draft} onType={setDraft} failure={failure} />
    </FormDialog>
  );
}

function scopeOf({ kind, tenantId, id }: Subject): object {
  return { scope: kind, scope_id: kind === "tenant" ? tenantId : id };
}

interface KindFieldProps {
  readonly me: Me;
  readonly subject: Subject;
  readonly onPick: (subject: Subject) => void;
}

function KindField({ me, subject, onPick }: KindFieldProps): ReactNode {
  const kinds = KINDS.filter(([, , permission]) => may(me, permission));
  return (
    <SelectField
      label="For"
      value={subject.kind}
      onChange={(event) => {
        const kind = kinds.find(([name]) => name === event.target.value)?.[0] ?? "tenant";
        onPick({ ...subject, kind, id: "" });
      }}
    >
      {kinds.map(([name, words]) => (
        <option key={name} value={name}>
          {words}
        </option>
      ))}
    </SelectField>
  );
}
