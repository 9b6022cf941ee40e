import { newId } from "../../base/ids.ts";
import type { Backend, Provider } from "../../core/catalogue.ts";
import { vendorOf } from "../../providers/catalogue.ts";
import { createBackend, updateBackend } from "../../store/catalogue/writer.ts";
import { backendOf, dialectProblem } from "../backends/backend-body.ts";
import { given } from "../given.ts";
import { fieldsApart } from "./difference.ts";
import type { Draft } from "./draft.ts";
import type { Declared } from "./schema.ts";

type Entry = Declared["backends"][string];

/** Plans what becomes of the backends of the file, whose providers have been planned. */
export function planBackends(declared: Declared, draft: Draft): void {
  for (const [name, entry] of Object.entries(declared.backends)) {
    const provider = declared.providers[entry.provider];
    if (provider) planBackend(name, entry, provider, draft);
  }
}

function planBackend(
  name: string,
  entry: Entry,
  { type, preset }: Declared["providers"][string],
  draft: Draft,
): void {
  const { deps, now } = draft;
  const providerId = draft.idOf("providers", entry.provider) ?? "";
  const account: Pick<Provider, "type" | "preset"> = { type, ...given({ preset }) };
  const vendor = vendorOf(account);
  if (!vendor) return;
  const problem = dialectProblem(entry.dialect, vendor);
  if (problem !== undefined) return draft.refuse(["backends", name, "dialect"], problem);
  const former = draft.formerOf(
    name,
    deps.snapshot.backends(),
    (backend) => backend.providerId === providerId && backend.upstreamModel === entry.upstream_model,
  );
  const id = former?.id ?? newId("be", now);
  draft.name("backends", name, id);
  const provider = { ...account, id: providerId };
  const next: Backend = {
    ...backendOf(entry, provider, vendor, id, former?.createdAt ?? now),
    declaredAs: name,
  };
  const path = ["backends", name];
  const wanted = { prices: entry.costs, source: entry.cost_source, field: "costs" };
  const cost = draft.newPrice(path, wanted, { kind: "backend", id });
  const key = entry.connection_config?.api_key;
  const isOtherKey = deps.snapshot.ownCredentials(id).reference !== key;
  const fields = [
    ...(former ? fieldsApart(former, next) : []),
    ...(former && isOtherKey ? ["connection_config"] : []),
    ...(former && cost ? ["costs"] : []),
  ];
  const sealed = key === undefined ? null : deps.seal(key, id);
  const writes = former
    ? updateBackend(next, isOtherKey ? sealed : undefined, now, former)
    : createBackend(next, sealed, now);
  const all = [...writes, ...draft.priceWrites(cost)];
  draft.settle({ section: "backends", name, former, id, fields, writes: all });
}
