import type { Model } from "../../api/types.ts";

/** A model as its form holds it; empty is what there is not. */
export interface ModelDraft {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly context: string;
  readonly maxOutput: string;
  readonly status: Model["status"];
  readonly isFree: boolean;
  readonly inputPrice: string;
  readonly outputPrice: string;
  readonly systemPrompt: string;
}

/** What a new model begins with. */
export function newModel(slug: string): ModelDraft {
  return {
    slug,
    name: "",
    description: "",
    context: "128000",
    maxOutput: "",
    status: "active",
    isFree: false,
    inputPrice: "",
    outputPrice: "",
    systemPrompt: "",
  };
}

/** A model, for its form to begin with. */
export function draftOf(model: Model): ModelDraft {
  return {
    slug: model.slug,
    name: model.display_name,
    description: model.description ?? "",
    context: String(model.context_window),
    maxOutput: model.max_output_tokens === undefined ? "" : String(model.max_output_tokens),
    status: model.status,
    isFree: model.free,
    inputPrice: model.input_price_per_mtok ?? "",
    outputPrice: model.output_price_per_mtok ?? "",
    systemPrompt: model.system_prompt ?? "",
  };
}

/** A new model as the API takes it. */
export function newBody(draft: ModelDraft): object {
  const { slug, name, description, context, maxOutput, status, isFree, systemPrompt } = draft;
  const { inputPrice, outputPrice } = draft;
  const isPriced = !isFree && (inputPrice !== "" || outputPrice !== "");
  return {
    slug: slug.trim(),
    ...(name.trim() !== "" && { display_name: name }),
    ...(description.trim() !== "" && { description }),
    context_window: Number(context),
    ...(maxOutput !== "" && { max_output_tokens: Number(maxOutput) }),
    status,
    ...(isFree && { free: true }),
    ...(isPriced && { prices: { input_per_mtok: inputPrice, output_per_mtok: outputPrice } }),
    ...(systemPrompt.trim() !== "" && { system_prompt: systemPrompt }),
  };
}

/** Of a model only what is to be another. */
export function changesOf(former: ModelDraft, draft: ModelDraft): object {
  const text = (value: string): string | null => (value.trim() === "" ? null : value);
  const changes: Readonly<Record<keyof Omit<ModelDraft, "slug">, object>> = {
    name: { display_name: draft.name },
    description: { description: text(draft.description) },
    context: { context_window: Number(draft.context) },
    maxOutput: { max_output_tokens: draft.maxOutput === "" ? null : Number(draft.maxOutput) },
    status: { status: draft.status },
    isFree: { free: draft.isFree },
    inputPrice: { input_price_per_mtok: draft.inputPrice },
    outputPrice: { output_price_per_mtok: draft.outputPrice },
    systemPrompt: { system_prompt: text(draft.systemPrompt) },
  };
  const isChanged = ([field]: [string, object]): boolean =>
    Reflect.get(draft, field) !== Reflect.get(former, field);
  const parts = Object.entries(changes).filter(isChanged);
  return Object.fromEntries(parts.flatMap(([, part]) => Object.entries(part)));
}
