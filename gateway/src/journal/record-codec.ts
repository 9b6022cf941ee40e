import { partsOf, type StoredPart, storedParts } from "../core/budget-parts.ts";
import type { Amounts, Intent, Progress } from "../core/accounting.ts";

/** The form of the rows below; a later form gets the next number, and readers keep knowing this one. */
const VERSION = 1;

/** A row of the journal that this program cannot read: written by a newer one, or damaged. */
export class UnreadableRow extends Error {
  constructor(what: string, cause?: unknown) {
    super(`${what} in the journal cannot be read by this release: start the release that wrote it`, {
      cause,
    });
    this.name = "UnreadableRow";
  }
}

interface StoredAmounts {
  readonly cost: string;
  readonly partner: string;
  readonly tenant: string;
}
type StoredIntent = Omit<Intent, "bound" | "budgets"> & {
  readonly v: number;
  readonly bound: StoredAmounts;
  readonly budgets?: readonly StoredPart[] | undefined;
};
/** An object that names every field, the optional ones too: a new one must not be forgotten. */
type Every<T> = { readonly [Field in keyof Required<T>]: T[Field] };
type StoredProgress = { readonly v: number; readonly open: readonly Progress[] };

function parse<T extends { readonly v: number }>(text: string, what: string): T {
  let stored: T;
  try {
    stored = JSON.parse(text) as T;
  } catch (error) {
    throw new UnreadableRow(what, error);
  }
  if (stored.v !== VERSION) throw new UnreadableRow(what);
  return stored;
}

function storedAmounts({ cost, partner, tenant }: Amounts): StoredAmounts {
  // JSON has no 64-bit integers.
  const asked = tenant.toString();
  return {
    cost: cost.toString(),
    partner: partner === tenant ? asked : partner.toString(),
    tenant: asked,
  };
}

/** An intent as the text of its row. */
export function encodeIntent(intent: Intent): string {
  // Field by field: copying the intent together first cost as much as all the rest (1.3 µs).
  return JSON.stringify({
    v: VERSION,
    requestId: intent.requestId,
    admittedAt: intent.admittedAt,
    payer: intent.payer,
    modelId: intent.modelId,
    modelSlug: intent.modelSlug,
    backendId: intent.backendId,
    stream: intent.stream,
    inputEstimate: intent.inputEstimate,
    inputPerKb: intent.inputPerKb,
    bound: storedAmounts(intent.bound),
    priceVersionId: intent.priceVersionId,
    partnerPriceId: intent.partnerPriceId,
    costVersionId: intent.costVersionId,
    metadata: intent.metadata,
    budgets: storedParts(intent.budgets),
    brokenStreams: intent.brokenStreams,
  } satisfies Every<StoredIntent>);
}

/** The intent of a row. Throws UnreadableRow. */
export function decodeIntent(text: string): Intent {
  const { v: _, bound, budgets, ...rest } = parse<StoredIntent>(text, "an intent");
  return {
    ...rest,
    ...(budgets && { budgets: partsOf(budgets) }),
    bound: { cost: BigInt(bound.cost), partner: BigInt(bound.partner), tenant: BigInt(bound.tenant) },
  };
}

/** How far all open streams have come, as the text of one row. */
export function encodeProgress(open: readonly Progress[]): string {
  return JSON.stringify({ v: VERSION, open } satisfies StoredProgress);
}

/** Throws UnreadableRow. */
export function decodeProgress(text: string): readonly Progress[] {
  return parse<StoredProgress>(text, "a checkpoint").open;
}
