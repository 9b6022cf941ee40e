import type { RecordedColumns, RecordedTable } from "./told.ts";

type CatalogueTable = Extract<
  RecordedTable,
  "providers" | "backends" | "models" | "routing_policies" | "price_versions"
>;

/** The tables that say where requests go, and at what price. */
export const CATALOGUE: { readonly [Table in CatalogueTable]: RecordedColumns<Table> } = {
  providers: {
    kind: "provider",
    id: "id",
    columns: {
      id: "hidden",
      type: "text",
      name: "text",
      base_url: "text",
      nodes: "json",
      preset: "text",
      status: "text",
      credentials: "secret",
      declared_as: "text",
      created_at: "hidden",
    },
  },
  backends: {
    kind: "backend",
    id: "id",
    columns: {
      id: "hidden",
      provider_id: "text",
      uri: "text",
      upstream_model: "text",
      dialect: "text",
      capabilities: "json",
      timeouts: "json",
      max_concurrency: "integer",
      account_limits: "json",
      region: "text",
      free: "flag",
      status: "text",
      credentials: "secret",
      declared_as: "text",
      created_at: "hidden",
    },
  },
  models: {
    kind: "model",
    id: "id",
    columns: {
      id: "hidden",
      slug: "text",
      display_name: "text",
      description: "text",
      modality: "text",
      capabilities: "json",
      context_window: "integer",
      max_output_tokens: "integer",
      default_params: "json",
      system_prompt: "text",
      free: "flag",
      status: "text",
      owned_by: "text",
      declared_as: "text",
      created_at: "hidden",
    },
  },
  routing_policies: {
    kind: "routing_policy",
    id: "id",
    columns: {
      id: "hidden",
      model_id: "text",
      strategy: "text",
      targets: "json",
      retry: "json",
      failover_on: "json",
      midstream: "text",
      sticky: "text",
      fallback_models: "json",
      fallback_price: "text",
      declared_as: "text",
      under_grants: "flag",
      created_at: "hidden",
    },
  },
  price_versions: {
    kind: "price_version",
    id: "id",
    columns: {
      id: "hidden",
      subject_kind: "text",
      subject_id: "text",
      effective_from: "time",
      rates: "prices",
      source: "text",
    },
  },
};
