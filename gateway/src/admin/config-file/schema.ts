import { z } from "zod";
import { BUDGET_SCOPES } from "../../core/budget.ts";
import { isReference, referenceProblem } from "../../config/references.ts";
import { connectionConfig, MORE_KEYS_MAX } from "../providers/connection-config.ts";
import { budgetTerms, limitProblems } from "../budgets/budget-fields.ts";
import { backendFields } from "../backends/backend-body.ts";
import { shownText } from "../fields.ts";
import { modelBody, modelFields } from "../models/model-body.ts";
import { policyBody } from "../routing-policies/policy-body.ts";
import { target } from "../routing-policies/policy-view.ts";
import { poolNodes, providerType } from "../providers/provider-view.ts";

/** Of one kind. */
const ENTRIES_MAX = 10_000;

/** How providers, backends and budgets are called in the file. */
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, "is a name of lower-case letters, digits, . _ and -, at most 100");

/** Keys stay out of files that people share: the file says where each of them is kept. */
const reference = z
  .string()
  .max(4_096)
  .superRefine((text, context) => {
    const message = isReference(text)
      ? referenceProblem(text)
      : "must say where it is kept, env:NAME or file:/path: a key itself has no place in the file";
    if (message !== undefined) context.addIssue({ code: "custom", message });
  })
  .describe("Where it is kept: `env:NAME` or `file:/path`.");
const connection = connectionConfig
  .extend({
    api_key: reference.optional(),
    more_api_keys: z.array(reference).max(MORE_KEYS_MAX).optional(),
    service_account: reference.optional(),
    secret_access_key: reference.optional(),
    session_token: reference.optional(),
    client_secret: reference.optional(),
  })
  .optional();

const isFew = (entries: object): boolean => Object.keys(entries).length <= ENTRIES_MAX;
const FEW = `must have at most ${ENTRIES_MAX} entries`;

const provider = z.strictObject({
  type: providerType,
  preset: z.string().max(100).optional().describe("With type `custom`: a known server."),
  name: shownText.optional().describe("For people; the entry's own name when absent."),
  base_url: z.string().max(2_000).optional(),
  nodes: poolNodes.optional(),
  connection_config: connection,
  status: z.enum(["active", "disabled"]).default("active"),
});
const { connection_config: _given, ...plainBackend } = backendFields;
const backend = z.strictObject({
  provider: z.string().describe("The name of an entry of `providers`."),
  ...plainBackend,
  connection_config: connection,
});
const model = modelBody.omit({ slug: true });
const policy = policyBody.omit({ model_id: true }).extend({
  targets: z
    .array(
      target.omit({ backend_id: true }).extend({
        backend: z.string().describe("The name of an entry of `backends`."),
      }),
    )
    .min(1, "must name at least one backend")
    .max(100, "must name at most 100 backends"),
});

const budget = z
  .strictObject({
    scope: z.enum(BUDGET_SCOPES),
    scope_id: z
      .string()
      .min(1)
      .max(250)
      .describe(
        "Whom it is over, by id or by name: the slug of a partner or a tenant, the e-mail address of a user, `tenant/group` for a group.",
      ),
    ...budgetTerms,
  })
  .superRefine((entry, context) => {
    for (const { field, message } of limitProblems(entry)) {
      context.addIssue({ code: "custom", path: [field], message });
    }
  });

/** What the configuration file declares. */
export const declared = z.strictObject({
  version: z.literal(1).default(1).describe("Of this format."),
  providers: z
    .record(name, provider)
    .refine(isFew, FEW)
    .default({})
    .describe("Accounts and servers, by a name of your own."),
  backends: z
    .record(name, backend)
    .refine(isFew, FEW)
    .default({})
    .describe("Models of those providers, by a name of your own."),
  models: z
    .record(modelFields.slug, model)
    .refine(isFew, FEW)
    .default({})
    .describe("What applications ask for, by slug."),
  routing_policies: z
    .record(z.string().max(200), policy)
    .refine(isFew, FEW)
    .default({})
    .describe("Which backends serve a model, by its slug."),
  budgets: z
    .record(name, budget)
    .refine(isFew, FEW)
    .default({})
    .describe("What partners, tenants, groups, users and keys may use, by a name of your own."),
});
export type Declared = z.output<typeof declared>;
export type DeclaredKind = Exclude<keyof Declared, "version">;

/** The file's format as a JSON Schema, for editors. */
export function configFileSchema(): object {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "scaigrid.yaml",
    description: "Providers, backends, models, routing policies and budgets of a ScaiGrid gateway.",
    ...z.toJSONSchema(declared, { io: "input", unrepresentable: "any", reused: "inline" }),
  };
}
