import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { Prices } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { TextField } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { instantOf } from "./draft.ts";
import { NO_PRICE, pricesBody, typedFrom } from "./fields.ts";
import { PriceFields } from "./price-fields.tsx";

interface VersionDialogProps {
  /** Whose price it is, as the API names it. */
  readonly subject: { readonly model_id: string } | { readonly backend_id: string };
  readonly title: string;
  /** What it costs now. */
  readonly current: Prices | undefined;
  readonly onClose: () => void;
}

/** Gives a model a price, or a backend its cost: whole, in place of the one before, from now on or from a day to come. */
export function VersionDialog({ subject, title, current, onClose }: VersionDialogProps): ReactNode {
  const { api } = useApp();
  const [draft, setDraft] = useState(current === undefined ? NO_PRICE : typedFrom(current));
  const [from, setFrom] = useState("");
  const add = useAction({
    call: () => {
      const body = {
        ...subject,
        prices: pricesBody(draft),
        ...(from !== "" && { effective_from: instantOf(from) }),
      };
      return api.data("POST", "/v1/accounting/price-versions", { body });
    },
    refresh: ["prices", "models", "backends", "providers"],
    said: () => "The price has been set.",
    onDone: onClose,
  });
  const failure = add.error ? asFailure(add.error) : undefined;
  return (
    <FormDialog
      title={title}
      action="Set"
      isPending={add.isPending}
      error={add.error}
      onSubmit={() => add.run()}
      onClose={onClose}
      isWide
    >
      <p className="text-muted">
        It takes the place of the whole price before. What was charged stays, and so does what is in flight.
      </p>
      <PriceFields draft={draft} onType={setDraft} failure={failure} />
      <TextField
        label="From, in your own time"
        type="datetime-local"
        value={from}
        onChange={(event) => setFrom(event.target.value)}
        hint="Empty: from now on."
        problem={failure?.problemOf("effective_from")}
      />
    </FormDialog>
  );
}
