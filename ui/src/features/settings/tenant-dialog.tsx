import { useId, useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useAction } from "../../api/use-action.ts";
import { TextField } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { levelPath } from "../levels/kinds.ts";
import type { Level } from "../levels/kinds.ts";

const NAME_CHARS_MAX = 200;

interface TenantDialogProps {
  readonly tenant: Versioned<Level>;
  readonly onReload: () => void;
  readonly onClose: () => void;
}

/** Gives one's tenant another name, or another calendar. */
export function TenantDialog({ tenant, onReload, onClose }: TenantDialogProps): ReactNode {
  const { api } = useApp();
  const { id, display_name: formerName, time_zone: formerZone } = tenant.data;
  const [name, setName] = useState(formerName);
  const [zone, setZone] = useState(formerZone);
  const save = useAction({
    call: () => {
      const body = {
        ...(name !== formerName && { display_name: name }),
        ...(zone !== formerZone && { time_zone: zone }),
      };
      return api.data("PATCH", levelPath("tenant", id), { body, ifVersion: tenant.version });
    },
    refresh: ["tenants", "me"],
    said: () => "Saved.",
    onDone: onClose,
  });
  const failure = save.error ? asFailure(save.error) : undefined;
  return (
    <FormDialog
      title="Change the tenant"
      action="Save"
      isPending={save.isPending}
      error={save.error}
      onSubmit={() => save.run()}
      onReload={onReload}
      onClose={onClose}
    >
      <TextField
        label="Name"
        required
        maxLength={NAME_CHARS_MAX}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
        problem={failure?.problemOf("display_name")}
      />
      <ZoneField value={zone} onType={setZone} problem={failure?.problemOf("time_zone")} />
    </FormDialog>
  );
}

interface ZoneFieldProps {
  readonly value: string;
  readonly onType: (zone: string) => void;
  readonly problem: string | undefined;
}

function ZoneField({ value, onType, problem }: ZoneFieldProps): ReactNode {
  const zones = useId();
  return (
    <>
      <TextField
        label="Time zone"
        required
        list={zones}
        autoComplete="off"
        value={value}
        onChange={(event) => onType(event.target.value.trim())}
        hint="In which days and months of reports and budgets begin. Budgets go on in it from their next window."
        problem={problem}
      />
      <datalist id={zones}>
        {Intl.supportedValuesOf("timeZone").map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </>
  );
}
