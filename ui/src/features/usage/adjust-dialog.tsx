import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { ApiFailure } from "../../api/failure.ts";
import { useAction } from "../../api/use-action.ts";
import { AreaField, SelectField, TextField } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { monthWords } from "../../lib/months.ts";
import { useMe } from "../session/me-context.ts";
import { SubjectField } from "../subjects/subject-field.tsx";
import type { Subject } from "../subjects/subject-field.tsx";

interface AdjustDialogProps {
  /** The month that the page shows. */
  readonly month: string;
  readonly tenantId: string | undefined;
  readonly onClose: () => void;
}

interface Draft {
  readonly whose: Subject;
  readonly amount: string;
  readonly reason: string;
}

/** Corrects what a tenant or a partner owes. There is no way back but a second correction. */
export function AdjustDialog({ month, tenantId, onClose }: AdjustDialogProps): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const [draft, setDraft] = useState<Draft>({
    whose: { kind: "tenant", tenantId: tenantId ?? me.tenant.id, id: "" },
    amount: "",
    reason: "",
  });
  const add = useAction({
    call: () => {
      const { whose, amount, reason } = draft;
      const owner = whose.kind === "partner" ? { partner_id: whose.id } : { tenant_id: whose.tenantId };
      return api.data("POST", "/v1/accounting/adjustments", { body: { ...owner, amount, month, reason } });
    },
    refresh: ["statements"],
    said: () => "The adjustment has been made.",
    onDone: onClose,
  });
  return (
    <FormDialog
      title={`Adjust what is owed for ${monthWords(month)}`}
      action="Adjust"
      isPending={add.isPending}
      error={add.error}
      onSubmit={() => add.run()}
      onClose={onClose}
    >
      <p className="text-muted">
        It stays in the ledger for good and moves no budget. Of a month that is closed, it is a line of the
        running one.
      </p>
      <Fields draft={draft} onType={setDraft} failure={add.error ? asFailure(add.error) : undefined} />
    </FormDialog>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly onType: (draft: Draft) => void;
  readonly failure: ApiFailure | undefined;
}

function Fields({ draft, onType, failure }: FieldsProps): ReactNode {
  const { whose, amount, reason } = draft;
  return (
    <>
      <SelectField
        label="Whose bill"
        value={whose.kind}
        onChange={(event) => {
          const kind = event.target.value === "partner" ? "partner" : "tenant";
          onType({ ...draft, whose: { ...whose, kind, id: "" } });
        }}
      >
        <option value="tenant">A tenant&apos;s</option>
        <option value="partner">A partner&apos;s</option>
      </SelectField>
      <SubjectField
        subject={whose}
        onPick={(next) => onType({ ...draft, whose: next })}
        failure={failure}
        field={whose.kind === "partner" ? "partner_id" : "tenant_id"}
      />
      <TextField
        label="Amount"
        value={amount}
        onChange={(event) => onType({ ...draft, amount: event.target.value.trim() })}
        autoComplete="off"
        required
        placeholder="-12.50"
        hint="Added to what is owed; with a minus it is a credit."
        problem={failure?.problemOf("amount") ?? failure?.problemOf("month")}
      />
      <AreaField
        label="Reason"
        value={reason}
        onChange={(event) => onType({ ...draft, reason: event.target.value })}
        required
        hint="Whoever owes it reads this."
        problem={failure?.problemOf("reason")}
      />
    </>
  );
}
