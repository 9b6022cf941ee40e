import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];

/** What `GET /v1/me` tells. */
export type Me = Schemas["Me"];
/** The answer to a sign-in. */
export type SignedIn = Schemas["SignedIn"];
/** A key as lists show it. */
export type ApiKey = Schemas["ApiKey"];
/** The answer to the creation of a key: the only one that holds the key itself. */
export type CreatedApiKey = Schemas["CreatedApiKey"];
export type Model = Schemas["Model"];
/** One line of the list of requests. */
export type RequestSummary = Schemas["RequestSummary"];
/** Everything that happened to one request. */
export type Trace = Schemas["RequestTrace"];
export type TraceAttempt = Trace["attempts"][number];
/** A provider that can be added by name. */
export type Preset = Schemas["ProviderPreset"];
export type Provider = Schemas["Provider"];
export type ProviderTest = Schemas["ProviderTest"];
export type DiscoveredModel = Schemas["DiscoveredModel"];
export type Prices = NonNullable<Schemas["DiscoveredModel"]["proposed_backend"]["costs"]>;
export type Backend = Schemas["Backend"];
export type BackendHealth = Schemas["BackendHealth"];
export type User = Schemas["User"];
/** The answer to the creation of a user: for a person with the link that is shown once. */
export type CreatedUser = Schemas["CreatedUser"];
export type Invitation = Schemas["Invitation"];
export type Tenant = Schemas["Tenant"];
export type Role = Schemas["Role"];
/** A role that a tenant has made. */
export type CustomRole = Schemas["CustomRole"];
/** Users of one tenant together. */
export type Group = Schemas["Group"];
/** The role that a group gives. */
export type RoleMapping = Schemas["RoleMapping"];
/** A line of an access list. */
export type ModelAccessRule = Schemas["ModelAccessRule"];
/** Models that are allowed or blocked together. */
export type ModelGroup = Schemas["ModelGroup"];
export type Partner = Schemas["Partner"];
/** A backend that a partner or a tenant may route models of its own over. */
export type BackendGrant = Schemas["BackendGrant"];
/** The configuration file of a node, and what is not as it says. */
export type ConfigFile = Schemas["ConfigFile"];
/** How one model chooses among backends. */
export type RoutingPolicy = Schemas["RoutingPolicy"];
/** Which backend a request would get, and why. */
export type RoutingPreview = Schemas["RoutingPreview"];
/** Limits in force at one level, and who has set each. */
export type Limits = Tenant["rate_limits"];
export type SignInSession = Schemas["SignInSession"];
/** What a bulk revocation has done. */
export type RevokedApiKeys = Schemas["RevokedApiKeys"];
export type AuditEntry = Schemas["AuditEntry"];
/** A limit of what a partner, a tenant, a group, a user or a key may use. */
export type Budget = Schemas["Budget"];
/** What was used, summed by something. */
export type UsageSum = Schemas["SummarizeUsageAnswer"][number];
export type UsageRecord = Schemas["UsageRecord"];
/** How many requests ended how, and how long they took. */
export type Traffic = Schemas["Traffic"];
export type TrafficFigures = Traffic["totals"];
/** A line of a price book. */
export type PriceEntry = Schemas["PriceEntry"];
/** What a tenant pays for a model, and how that comes about. */
export type EffectivePrice = Schemas["EffectivePrice"];
/** One price of a model, a backend or a grant. */
export type PriceVersion = Schemas["PriceVersion"];
export type PriceStep = EffectivePrice["chain"][number];
/** What a month has come to. */
export type Statement = Schemas["Statement"];
/** A correction of what is owed. */
export type Adjustment = Schemas["Adjustment"];
/** One process of the gateway. */
export type GatewayNode = Schemas["Node"];
/** A settlement that the store would not take. */
export type QuarantinedRow = Schemas["QuarantinedRow"];
export type DetailedHealth = Schemas["DetailedHealth"];
export type Usage = NonNullable<Trace["usage"]>;
export type Outcome = Trace["outcome"];

/** Every outcome, in the order of the filter. */
export const OUTCOMES = [
  "completed",
  "client_gone",
  "failed",
  "refused",
] as const satisfies readonly Outcome[];
