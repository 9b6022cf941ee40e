import { newId } from "../../base/ids.ts";
import type { Provider } from "../../core/catalogue.ts";
import { withBasePath } from "../../providers/address.ts";
import { createProvider, updateProvider } from "../../store/catalogue/writer.ts";
import { given } from "../given.ts";
import { demandConnectable, withoutSlash } from "../providers/connectable.ts";
import { vendorFor } from "../providers/create.ts";
import { fieldsApart } from "./difference.ts";
import type { Draft } from "./draft.ts";
import type { Declared } from "./schema.ts";

type Entry = Declared["providers"][string];

/** Plans what becomes of the providers of the file. */
export function planProviders(entries: Declared["providers"], draft: Draft): void {
  for (const [name, entry] of Object.entries(entries)) planProvider(name, entry, draft);
}

function planProvider(name: string, entry: Entry, draft: Draft): void {
  const { deps, now } = draft;
  const path = ["providers", name];
  const shown = entry.name ?? name;
  const former = draft.formerOf(
    name,
    deps.snapshot.providers(),
    (provider) => provider.type === entry.type && provider.preset === entry.preset && provider.name === shown,
  );
  const id = former?.id ?? newId("prov", now);
  draft.name("providers", name, id);
  const vendor = draft.attempt(path, () => vendorFor(entry.type, entry.preset));
  if (!vendor) return;
  const { connection_config: config, base_url: baseUrl, nodes } = entry;
  const credential = draft.credential(id, config, deps.snapshot.providerCredentials(id));
  // Of one that is not there yet nothing is asked: a secret that comes later must not keep the gateway from starting.
  const judged = credential.isFound ? config : undefined;
  const connection = { baseUrl, nodes, config: judged, hasKey: credential.sealed !== null };
  draft.attempt(path, () => demandConnectable(vendor, connection, deps));
  const next: Provider = {
    id,
    type: entry.type,
    name: shown,
    status: entry.status,
    createdAt: former?.createdAt ?? now,
    declaredAs: name,
    ...given({
      preset: entry.preset,
      baseUrl: entry.base_url && withoutSlash(withBasePath(entry.base_url, vendor)),
      nodes: entry.nodes?.map(withoutSlash),
    }),
  };
  const fields = former
    ? [...fieldsApart(former, next), ...(credential.isAnother ? ["connection_config"] : [])]
    : [];
  const writes = former
    ? updateProvider(next, credential.isAnother ? credential.sealed : undefined, now, former)
    : createProvider(next, credential.sealed, now);
  draft.settle({ section: "providers", name, former, id, fields, writes });
}
