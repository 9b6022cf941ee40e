import type { ReactNode } from "react";
import type { ApiFailure } from "../../api/failure.ts";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { FIELD_WORDS, isOfTokens, MAIN_FIELDS, OTHER_FIELDS, withTier } from "./fields.ts";
import type { PriceDraft, PriceField, TypedPrices, TypedTier } from "./fields.ts";

interface PriceFieldsProps {
  readonly draft: PriceDraft;
  readonly onType: (draft: PriceDraft) => void;
  readonly failure: ApiFailure | undefined;
}

/** A whole price: tokens in and out, whatever else has one of its own, and what long prompts cost instead. */
export function PriceFields({ draft, onType, failure }: PriceFieldsProps): ReactNode {
  const { prices, tiers, batchFactor } = draft;
  return (
    <div className="grid gap-4">
      <Group
        prices={prices}
        onType={(next) => onType({ ...draft, prices: next })}
        failure={failure}
        path="prices"
        fields={OTHER_FIELDS}
      >
        <TextField
          label="Of requests in a batch, the share"
          inputMode="decimal"
          autoComplete="off"
          value={batchFactor}
          onChange={(event) => onType({ ...draft, batchFactor: event.target.value.trim() })}
          placeholder="0.5"
          problem={failure?.problemOf("prices.batch_factor")}
        />
      </Group>
      {tiers.map((tier, at) => (
        <Tier
          key={tier.id}
          tier={tier}
          at={at}
          failure={failure}
          onType={(next) => onType({ ...draft, tiers: tiers.with(at, next) })}
          onRemove={() => onType({ ...draft, tiers: tiers.toSpliced(at, 1) })}
        />
      ))}
      <div>
        <Button onClick={() => onType(withTier(draft))}>Add a price for long prompts</Button>
      </div>
    </div>
  );
}

interface TierProps {
  readonly tier: TypedTier;
  readonly at: number;
  readonly failure: ApiFailure | undefined;
  readonly onType: (tier: TypedTier) => void;
  readonly onRemove: () => void;
}

function Tier({ tier, at, failure, onType, onRemove }: TierProps): ReactNode {
  const path = `prices.tiers[${at}]`;
  return (
    <fieldset className="grid gap-4 rounded-lg border border-line p-3">
      <legend className="px-1 text-sm font-medium">Long prompts {at + 1}</legend>
      <div className="flex flex-wrap items-end gap-3">
        <TextField
          label="Above so many tokens in"
          type="number"
          min={1}
          step={1}
          required
          value={tier.above}
          onChange={(event) => onType({ ...tier, above: event.target.value })}
          hint="Then every token of the request costs this."
          problem={failure?.problemOf(`${path}.above_input_tokens`)}
        />
        <Button variant="quiet" aria-label={`Remove long prompts ${at + 1}`} onClick={onRemove}>
          Remove
        </Button>
      </div>
      <Group
        prices={tier.prices}
        onType={(prices) => onType({ ...tier, prices })}
        failure={failure}
        path={path}
        fields={OTHER_FIELDS.filter(isOfTokens)}
      />
    </fieldset>
  );
}

interface GroupProps {
  readonly prices: TypedPrices;
  readonly onType: (prices: TypedPrices) => void;
  readonly failure: ApiFailure | undefined;
  /** Where they stand in the body. */
  readonly path: string;
  /** Those that are seldom given. */
  readonly fields: readonly PriceField[];
  readonly children?: ReactNode;
}

function Group({ prices, onType, failure, path, fields, children }: GroupProps): ReactNode {
  const field = (name: PriceField, isRequired: boolean): ReactNode => (
    <TextField
      key={name}
      label={FIELD_WORDS[name]}
      inputMode="decimal"
      autoComplete="off"
      required={isRequired}
      value={prices[name]}
      onChange={(event) => onType({ ...prices, [name]: event.target.value.trim() })}
      problem={failure?.problemOf(`${path}.${name}`)}
    />
  );
  const isUsed = fields.some((name) => prices[name] !== "");
  return (
    <div className="grid gap-3">
      <div className="grid gap-4 sm:grid-cols-2">{MAIN_FIELDS.map((name) => field(name, true))}</div>
      <details open={isUsed || undefined} className="rounded-lg border border-line">
        <summary className="px-3 py-2 text-sm font-medium">Other prices</summary>
        <div className="grid gap-3 p-3">
          <p className="text-xs text-muted">
            Tokens whose field is empty cost what plain ones do; nothing else is charged for.
          </p>
          <div className="grid gap-4 sm:grid-cols-2">
            {fields.map((name) => field(name, false))}
            {children}
          </div>
        </div>
      </details>
    </div>
  );
}
