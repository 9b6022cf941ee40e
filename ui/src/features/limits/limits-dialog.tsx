import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { Limits } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useMe } from "../session/me-context.ts";
import { LimitFields } from "./limit-fields.tsx";
import { changedLimits, LIMIT_NAMES, typedLimits } from "./limits.ts";
import type { Power } from "./limits.ts";

interface LimitsDialogProps {
  readonly path: string;
  readonly limits: Limits;
  readonly version: string | undefined;
  readonly power: Exclude<Power, "none">;
  readonly refresh: string;
  readonly onReload: () => void;
  readonly onClose: () => void;
}

/** Sets the limits of a level from above, or tightens those of one's own. */
export function LimitsDialog(props: LimitsDialogProps): ReactNode {
  const { path, limits, version, power, refresh, onReload, onClose } = props;
  const { api } = useApp();
  const [former] = useState(typedLimits(limits, power, useMe()));
  const [typed, setTyped] = useState(former);
  const save = useAction({
    call: () => {
      const body = { rate_limits: changedLimits(former, typed) };
      return api.data("PATCH", path, { body, ifVersion: version });
    },
    refresh: [refresh, "me"],
    said: () => "Saved the limits.",
    onDone: onClose,
  });
  const failure = save.error ? asFailure(save.error) : undefined;
  const inForce = LIMIT_NAMES.map((name) => [name, limits[name].limit] as const);
  return (
    <FormDialog
      title="Change the limits"
      action="Save"
      isPending={save.isPending}
      error={save.error}
      onSubmit={() => save.run()}
      onReload={onReload}
      onClose={onClose}
    >
      <p className="text-muted">
        {power === "set"
          ? "A field left empty sets nothing of its own; 0 is unlimited."
          : "A field left empty sets nothing of its own. Only what is tighter than the level above is taken."}
      </p>
      <LimitFields typed={typed} onType={setTyped} inForce={new Map(inForce)} failure={failure} />
    </FormDialog>
  );
}
