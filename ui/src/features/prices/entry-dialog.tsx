import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { ApiFailure } from "../../api/failure.ts";
import { chatModelsQuery } from "../../api/queries.ts";
import { useAction } from "../../api/use-action.ts";
import { SelectField, TextField } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { SubjectField } from "../subjects/subject-field.tsx";
import { ANY_MODEL, bodyOf } from "./draft.ts";
import type { EntryDraft } from "./draft.ts";
import { NO_PRICE } from "./fields.ts";
import { PriceFields } from "./price-fields.tsx";

interface EntryDialogProps {
  /** What the page shows already. */
  readonly tenantId: string | undefined;
  readonly modelId: string | undefined;
  readonly onClose: () => void;
}

/** Sets what somebody pays: from now on, or from a day to come. */
export function EntryDialog({ tenantId, modelId, onClose }: EntryDialogProps): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const [draft, setDraft] = useState<EntryDraft>({
    payer: { kind: "tenant", tenantId: tenantId ?? me.tenant.id, id: "" },
    modelId: modelId ?? ANY_MODEL,
    kind: "mark_up",
    percent: "",
    price: NO_PRICE,
    from: "",
    until: "",
  });
  const add = useAction({
    call: () => api.data("POST", "/v1/accounting/price-books", { body: bodyOf(draft) }),
    refresh: ["prices", "models"],
    said: () => "The price has been set.",
    onDone: onClose,
  });
  const failure = add.error ? asFailure(add.error) : undefined;
  const shared = { draft, onType: setDraft, failure };
  return (
    <FormDialog
      title="Set a price"
      action="Set"
      isPending={add.isPending}
      error={add.error}
      onSubmit={() => add.run()}
      onClose={onClose}
      isWide
    >
      <p className="text-muted">
        What was charged stays. Where two entries are in force, that of the model itself counts, and of two
        the newer.
      </p>
      <PayerFields {...shared} />
      <ModelField {...shared} />
      <TermsFields {...shared} />
      <SpanFields {...shared} />
    </FormDialog>
  );
}

interface FieldsProps {
  readonly draft: EntryDraft;
  readonly onType: (draft: EntryDraft) => void;
  readonly failure: ApiFailure | undefined;
}

function PayerFields({ draft, onType, failure }: FieldsProps): ReactNode {
  const { payer } = draft;
  return (
    <>
      {may(useMe(), "platform:manage") && (
        <SelectField
          label="Who pays"
          value={payer.kind}
          onChange={(event) => {
            const kind = event.target.value === "partner" ? "partner" : "tenant";
            onType({ ...draft, payer: { ...payer, kind, id: "" } });
          }}
        >
          <option value="tenant">A tenant, to its partner</option>
          <option value="partner">A partner, to the platform</option>
        </SelectField>
      )}
      <SubjectField
        subject={payer}
        onPick={(next) => onType({ ...draft, payer: next })}
        failure={failure}
        field={payer.kind === "partner" ? "partner_id" : "tenant_id"}
      />
    </>
  );
}

function ModelField({ draft, onType, failure }: FieldsProps): ReactNode {
  const { api } = useApp();
  const models = useQuery(chatModelsQuery(api));
  return (
    <SelectField
      label="Model"
      value={draft.modelId}
      onChange={(event) => {
        const modelId = event.target.value;
        onType({ ...draft, modelId, ...(modelId === ANY_MODEL && { kind: "mark_up" }) });
      }}
      problem={failure?.problemOf("model_id")}
    >
      <option value={ANY_MODEL}>Every model without an entry of its own</option>
      {models.data?.map(({ id, slug }) => (
        <option key={id} value={id}>
          {slug}
        </option>
      ))}
    </SelectField>
  );
}

function TermsFields({ draft, onType, failure }: FieldsProps): ReactNode {
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label="How"
          value={draft.kind}
          onChange={(event) =>
            onType({ ...draft, kind: event.target.value === "prices" ? "prices" : "mark_up" })
          }
          problem={draft.kind === "prices" ? failure?.problemOf("prices") : undefined}
        >
          <option value="mark_up">More or less than above</option>
          {draft.modelId !== ANY_MODEL && <option value="prices">Prices of its own</option>}
        </SelectField>
        {draft.kind === "mark_up" && (
          <TextField
            label="Mark-up, %"
            inputMode="decimal"
            autoComplete="off"
            required
            value={draft.percent}
            onChange={(event) => onType({ ...draft, percent: event.target.value.trim() })}
            placeholder="20"
            hint="-10 is a tenth less."
            problem={failure?.problemOf("mark_up_percent")}
          />
        )}
      </div>
      {draft.kind === "prices" && (
        <PriceFields draft={draft.price} onType={(price) => onType({ ...draft, price })} failure={failure} />
      )}
    </>
  );
}

function SpanFields({ draft, onType, failure }: FieldsProps): ReactNode {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        label="From, in your own time"
        type="datetime-local"
        value={draft.from}
        onChange={(event) => onType({ ...draft, from: event.target.value })}
        hint="Empty: from now on."
        problem={failure?.problemOf("effective_from")}
      />
      <TextField
        label="Until"
        type="datetime-local"
        value={draft.until}
        onChange={(event) => onType({ ...draft, until: event.target.value })}
        hint="Empty: until another is set."
        problem={failure?.problemOf("effective_until")}
      />
    </div>
  );
}
