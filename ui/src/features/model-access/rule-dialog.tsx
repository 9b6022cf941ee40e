import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { ApiFailure } from "../../api/failure.ts";
import type { ModelAccessRule } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { SelectField, TextField } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useMe } from "../session/me-context.ts";
import { SubjectField } from "../subjects/subject-field.tsx";
import { modelGroupsQuery } from "./queries.ts";

type Kind = ModelAccessRule["subject_type"];

interface Typed {
  readonly tenantId: string;
  readonly kind: Kind;
  readonly subjectId: string;
  readonly effect: ModelAccessRule["effect"];
  readonly model: string;
  /** Empty: the models are named by `model`. */
  readonly modelGroupId: string;
}

const KINDS: readonly (readonly [Kind, string])[] = [
  ["tenant", "The whole tenant"],
  ["group", "A group"],
  ["user", "A user"],
  ["api_key", "An API key"],
];

function bodyOf({ tenantId, kind, subjectId, effect, model, modelGroupId }: Typed): object {
  return {
    tenant_id: tenantId,
    subject_type: kind,
    ...(kind !== "tenant" && { subject_id: subjectId }),
    effect,
    ...(modelGroupId === "" ? { model: model.trim() } : { model_group_id: modelGroupId }),
  };
}

/** A line of an access list: for whom, allowed or blocked, which models. */
export function RuleDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { api } = useApp();
  const [typed, setTyped] = useState<Typed>({
    tenantId: useMe().tenant.id,
    kind: "tenant",
    subjectId: "",
    effect: "allow",
    model: "",
    modelGroupId: "",
  });
  const add = useAction({
    call: () => api.data("POST", "/v1/model-access", { body: bodyOf(typed) }),
    refresh: ["model-access", "models"],
    said: () => "The rule has been added.",
    onDone: onClose,
  });
  const failure = add.error ? asFailure(add.error) : undefined;
  return (
    <FormDialog
      title="Add a rule"
      action="Add"
      isPending={add.isPending}
      error={add.error}
      onSubmit={() => add.run()}
      onClose={onClose}
      isWide
    >
      <WhoAndHow typed={typed} onType={setTyped} />
      <SubjectField
        subject={{ kind: typed.kind, tenantId: typed.tenantId, id: typed.subjectId }}
        onPick={({ tenantId, id }) => {
          const modelGroupId = tenantId === typed.tenantId ? typed.modelGroupId : "";
          setTyped({ ...typed, tenantId, subjectId: id, modelGroupId });
        }}
        failure={failure}
        field="subject_id"
      />
      <ModelFields typed={typed} onType={setTyped} failure={failure} />
    </FormDialog>
  );
}

interface FieldsProps {
  readonly typed: Typed;
  readonly onType: (typed: Typed) => void;
  readonly failure: ApiFailure | undefined;
}

function WhoAndHow({ typed, onType }: Omit<FieldsProps, "failure">): ReactNode {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label="For"
        value={typed.kind}
        onChange={(event) => {
          const kind = KINDS.find(([name]) => name === event.target.value)?.[0] ?? "tenant";
          onType({ ...typed, kind, subjectId: "" });
        }}
      >
        {KINDS.map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </SelectField>
      <SelectField
        label="Effect"
        value={typed.effect}
        onChange={(event) => onType({ ...typed, effect: event.target.value === "block" ? "block" : "allow" })}
      >
        <option value="allow">Allow these, and nothing else</option>
        <option value="block">Block these</option>
      </SelectField>
    </div>
  );
}

function ModelFields({ typed, onType, failure }: FieldsProps): ReactNode {
  const { api } = useApp();
  const groups = useQuery(modelGroupsQuery(api, typed.tenantId)).data ?? [];
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {groups.length > 0 && (
        <SelectField
          label="Models"
          value={typed.modelGroupId}
          onChange={(event) => onType({ ...typed, modelGroupId: event.target.value })}
          problem={failure?.problemOf("model_group_id")}
        >
          <option value="">By name</option>
          {groups.map(({ id, name }) => (
            <option key={id} value={id}>
              The group {name}
            </option>
          ))}
        </SelectField>
      )}
      {typed.modelGroupId === "" && (
        <TextField
          label="Model"
          required
          autoComplete="off"
          spellCheck={false}
          value={typed.model}
          onChange={(event) => onType({ ...typed, model: event.target.value })}
          placeholder="openai/gpt-4o"
          hint="A slug, or the beginning of slugs and /*: openai/*"
          problem={failure?.problemOf("model")}
        />
      )}
    </div>
  );
}
