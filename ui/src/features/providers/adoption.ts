import type { Api } from "../../api/client.ts";
import type { DiscoveredModel, Prices } from "../../api/types.ts";

/** What somebody has typed for a model that is to be served. Prices are for a million tokens. */
export interface Draft {
  readonly slug: string;
  readonly input: string;
  readonly output: string;
}

/** How far the adoption of a model has come: a second attempt goes on from there. */
export interface Adopted {
  readonly modelId?: string;
  readonly backendId?: string;
  readonly isDone?: true;
}

/** What is offered for a model before anybody types. */
export function draftOf({ proposed_model: proposed }: DiscoveredModel): Draft {
  return {
    slug: proposed?.slug ?? "",
    input: proposed?.prices?.input_per_mtok ?? "",
    output: proposed?.prices?.output_per_mtok ?? "",
  };
}

/** Whether a model may be called without a price: one of a server of one's own. */
export function isFree({ proposed_model: proposed }: DiscoveredModel): boolean {
  return proposed?.free === true;
}

/** The body that makes a model: what was proposed, with what was typed in its place. */
export function modelBody(found: DiscoveredModel, draft: Draft): object {
  const { prices, price_source: source, ...rest } = found.proposed_model ?? {};
  const offered = draftOf(found);
  const isAsOffered = draft.input === offered.input && draft.output === offered.output;
  if (isAsOffered) {
    return {
      ...rest,
      slug: draft.slug,
      ...(prices && { prices }),
      ...(source !== undefined && { price_source: source }),
    };
  }
  const typed = pricesTyped(draft);
  return { ...rest, slug: draft.slug, ...(typed && { prices: typed }) };
}

/** The body that makes its backend. Where nobody knows what the provider charges, that is what was typed. */
export function backendBody({ proposed_backend: proposed }: DiscoveredModel, draft: Draft): object {
  const costs = proposed.costs ?? (proposed.free ? undefined : pricesTyped(draft));
  return { ...proposed, ...(costs && { costs }) };
}

/** Only what was typed: prices of other things, that were proposed beside other figures, do not go with them. */
function pricesTyped({ input, output }: Draft): Prices | undefined {
  if (input.trim() === "" && output.trim() === "") return undefined;
  return {
    ...(input.trim() !== "" && { input_per_mtok: input.trim() }),
    ...(output.trim() !== "" && { output_per_mtok: output.trim() }),
  };
}

/**
 * Makes model, backend and the policy that joins them, and tells `onStep` how far it is. Throws ApiFailure at what is
 * refused; what was made before stays and is told.
 */
export async function adopt(
  api: Api,
  found: DiscoveredModel,
  draft: Draft,
  former: Adopted,
  onStep: (now: Adopted) => void,
): Promise<void> {
  const make = async (path: string, body: object): Promise<string> =>
    (await api.data<{ readonly id: string }>("POST", path, { body })).id;
  // The model first: its slug and prices are what a person can have got wrong.
  const modelId = former.modelId ?? (await make("/v1/models", modelBody(found, draft)));
  onStep({ ...former, modelId });
  const backendId = former.backendId ?? (await make("/v1/backends", backendBody(found, draft)));
  onStep({ modelId, backendId });
  await make("/v1/routing-policies", { model_id: modelId, targets: [{ backend_id: backendId }] });
  onStep({ modelId, backendId, isDone: true });
}
