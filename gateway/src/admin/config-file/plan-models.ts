import { newId } from "../../base/ids.ts";
import { createModel, updateModel } from "../../store/catalogue/writer.ts";
import { modelOf } from "../models/model-body.ts";
import { fieldsApart } from "./difference.ts";
import type { Draft } from "./draft.ts";
import type { Declared } from "./schema.ts";

/** Plans what becomes of the models of the file. */
export function planModels(entries: Declared["models"], draft: Draft): void {
  for (const [slug, entry] of Object.entries(entries)) planModel(slug, entry, draft);
}

function planModel(slug: string, entry: Declared["models"][string], draft: Draft): void {
  const { deps, now } = draft;
  const path = ["models", slug];
  const former = draft.formerOf(slug, deps.snapshot.models(), (model) => model.slug === slug);
  const id = former?.id ?? newId("model", now);
  draft.name("models", slug, id);
  const made = draft.attempt(path, () => modelOf({ slug, ...entry }, id, former?.createdAt ?? now));
  if (!made) return;
  // The file knows no pictures: whoever gave the model one may do so again.
  const next = { ...made, ...(former?.avatar && { avatar: former.avatar }), declaredAs: slug };
  const wanted = { prices: entry.prices, source: entry.price_source, field: "prices" };
  const price = draft.newPrice(path, wanted, { kind: "model", id });
  const fields = former ? [...fieldsApart(former, next), ...(price ? ["prices"] : [])] : [];
  const writes = former ? updateModel(next, now, former) : createModel(next, now);
  const all = [...writes, ...draft.priceWrites(price)];
  draft.settle({ section: "models", name: slug, former, id, fields, writes: all });
}
