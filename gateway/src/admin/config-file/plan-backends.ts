import { newId } from "../../base/ids.ts";
import type { Backend, Provider } from "../../core/catalogue.ts";
import { vendorOf } from "../../providers/catalogue.ts";
import { createBackend, updateBackend } from "../../store/catalogue/writer.ts";
import { backendOf, dialectProblem } from "../backends/backend-body.ts";
import { given } from "../given.ts";
import { demandUsable } from "../providers/connectable.ts";
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
  { type, preset, base_url: baseUrl }: Declared["providers"][string],
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
  const { connection_config: config } = entry;
  const credential = draft.credential(id, config, deps.snapshot.ownCredentials(id));
  if (credential.isFound) {
    const at = { ...account, ...given({ baseUrl }) };
    draft.attempt(path, () => demandUsable(config, at, deps));
  }
  const fields = former
    ? [
        ...fieldsApart(former, next),
        ...(credential.isAnother ? ["connection_config"] : []),
        ...(cost ? ["costs"] : []),
      ]
    : [];
  const writes = former
    ? updateBackend(next, credential.isAnother ? credential.sealed : undefined, now, former)
    : createBackend(next, credential.sealed, now);
  const all = [...writes, ...draft.priceWrites(cost)];
  draft.settle({ section: "backends", name, former, id, fields, writes: all });
}
