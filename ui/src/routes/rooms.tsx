import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { ModelsPage } from "../features/models/list-page.tsx";
import { RequestsPage } from "../features/requests/list-page.tsx";
import { TracePage } from "../features/requests/trace-page.tsx";
import type { EntryFilter } from "../features/prices/queries.ts";
import type { UsageFilter } from "../features/usage/question.ts";
import { text } from "../lib/search.ts";
import type { Search } from "../lib/search.ts";
import { shellRoute } from "./root.tsx";
import { pageSearch } from "./search.ts";
import type { PageSearch, TextSearch } from "./search.ts";

interface RequestsSearch extends PageSearch {
  readonly outcome?: string | undefined;
  readonly model?: string | undefined;
  readonly api_key_id?: string | undefined;
  readonly live?: true | undefined;
}
interface LimitsSearch extends PageSearch {
  /** The request that is asked about. */
  readonly request?: string | undefined;
}
interface UsageSearch extends UsageFilter {
  readonly period?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly group_by?: string | undefined;
  /** What the chart is of. */
  readonly measure?: string | undefined;
}
interface OverviewSearch {
  /** How far back the charts go. */
  readonly hours?: number | undefined;
}
type PricesSearch = EntryFilter & PageSearch;
interface StatementSearch {
  readonly month?: string | undefined;
  readonly tenant_id?: string | undefined;
}
interface PolicySearch {
  /** The id of the model it is to be for. */
  readonly model?: string | undefined;
}
interface PresetSearch extends TextSearch {
  readonly preset?: string | undefined;
}

const modelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/models",
  component: ModelsPage,
  validateSearch: ({ q, cursor }: Search): PageSearch & TextSearch => ({ q: text(q), cursor: text(cursor) }),
});
const requestsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/requests",
  component: RequestsPage,
  validateSearch: ({ outcome, model, api_key_id, cursor, live }: Search): RequestsSearch => ({
    outcome: text(outcome),
    model: text(model),
    api_key_id: text(api_key_id),
    cursor: text(cursor),
    live: live === true ? true : undefined,
  }),
});
const traceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/requests/$requestId",
  component: TracePage,
});
const createModelRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/models/new",
  component: lazyRouteComponent(() => import("../features/models/create-page.tsx"), "CreateModelPage"),
});
const modelRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/models/$modelId",
  component: lazyRouteComponent(() => import("../features/models/model-page.tsx"), "ModelPage"),
});
const limitsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/limits",
  component: lazyRouteComponent(() => import("../features/limits/limits-page.tsx"), "LimitsPage"),
  validateSearch: ({ cursor, request }: Search): LimitsSearch => ({
    cursor: text(cursor),
    request: text(request),
  }),
});
const overviewRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/overview",
  component: lazyRouteComponent(() => import("../features/overview/overview-page.tsx"), "OverviewPage"),
  validateSearch: ({ hours }: Search): OverviewSearch => ({
    hours: typeof hours === "number" ? hours : undefined,
  }),
});
const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("../features/settings/settings-page.tsx"), "SettingsPage"),
});
const playgroundRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/playground",
  component: lazyRouteComponent(() => import("../features/playground/playground-page.tsx"), "PlaygroundPage"),
});
const nodesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/nodes",
  component: lazyRouteComponent(() => import("../features/nodes/nodes-page.tsx"), "NodesPage"),
  validateSearch: pageSearch,
});
const pricesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/prices",
  component: lazyRouteComponent(() => import("../features/prices/prices-page.tsx"), "PricesPage"),
  validateSearch: ({ tenant_id, model_id, cursor }: Search): PricesSearch => ({
    tenant_id: text(tenant_id),
    model_id: text(model_id),
    cursor: text(cursor),
  }),
});
const usageRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/usage",
  component: lazyRouteComponent(() => import("../features/usage/usage-page.tsx"), "UsagePage"),
  validateSearch: (search: Search): UsageSearch => ({
    period: text(search["period"]),
    start: text(search["start"]),
    end: text(search["end"]),
    group_by: text(search["group_by"]),
    measure: text(search["measure"]),
    tenant_id: text(search["tenant_id"]),
    user_id: text(search["user_id"]),
    model: text(search["model"]),
    api_key_id: text(search["api_key_id"]),
    backend_id: text(search["backend_id"]),
    status: text(search["status"]),
  }),
});
const statementRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/usage/statements",
  component: lazyRouteComponent(() => import("../features/usage/statement-page.tsx"), "StatementPage"),
  validateSearch: ({ month, tenant_id }: Search): StatementSearch => ({
    month: text(month),
    tenant_id: text(tenant_id),
  }),
});
const accountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/account",
  component: lazyRouteComponent(() => import("../features/account/account-page.tsx"), "AccountPage"),
});

// The rooms of administrators are loaded by those who enter them.
const providersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/providers",
  component: lazyRouteComponent(() => import("../features/providers/list-page.tsx"), "ProvidersPage"),
  validateSearch: pageSearch,
});
const addProviderRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/providers/new",
  component: lazyRouteComponent(() => import("../features/providers/add-page.tsx"), "AddProviderPage"),
  validateSearch: ({ preset, q }: Search): PresetSearch => ({ preset: text(preset), q: text(q) }),
});
const providerRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/providers/$providerId",
  component: lazyRouteComponent(() => import("../features/providers/provider-page.tsx"), "ProviderPage"),
  validateSearch: pageSearch,
});
const providerModelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/providers/$providerId/models",
  component: lazyRouteComponent(() => import("../features/providers/models-page.tsx"), "ProviderModelsPage"),
  validateSearch: ({ q }: Search): TextSearch => ({ q: text(q) }),
});
const routingRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/routing",
  component: lazyRouteComponent(() => import("../features/routing/list-page.tsx"), "RoutingPage"),
  validateSearch: pageSearch,
});
const createPolicyRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/routing/new",
  component: lazyRouteComponent(() => import("../features/routing/create-page.tsx"), "CreatePolicyPage"),
  validateSearch: ({ model }: Search): PolicySearch => ({ model: text(model) }),
});
const policyRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/routing/$policyId",
  component: lazyRouteComponent(() => import("../features/routing/policy-page.tsx"), "PolicyPage"),
});

/** The pages outside of Access. */
export const ROOM_ROUTES = [
  modelsRoute,
  createModelRoute,
  modelRoute,
  requestsRoute,
  traceRoute,
  overviewRoute,
  settingsRoute,
  playgroundRoute,
  nodesRoute,
  pricesRoute,
  usageRoute,
  statementRoute,
  limitsRoute,
  accountRoute,
  providersRoute,
  addProviderRoute,
  providerRoute,
  providerModelsRoute,
  routingRoute,
  createPolicyRoute,
  policyRoute,
] as const;
