import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, timestamp } from "../fields.ts";

const problem = z.strictObject({
  line: z.int(),
  column: z.int(),
  message: z.string(),
});
const difference = z.strictObject({
  section: z.enum(["providers", "backends", "models", "routing_policies", "budgets"]),
  name: z.string().describe("Its name in the file."),
  id: z.string().optional(),
  change: z
    .enum(["create", "adopt", "update", "delete"])
    .describe(
      "What taking the file over would do; `adopt`: what the store has as its own becomes the file's.",
    ),
  fields: z.array(z.string()).describe("What of it is not as the file says."),
});

const view = z
  .strictObject({
    path: z.string().optional().describe("Absent where the node has no configuration file."),
    state: z
      .enum(["none", "in_force", "refused"])
      .describe("`refused`: the file as it is now cannot be taken over; what was before is in force."),
    applied_at: timestamp.optional().describe("When it was last taken over."),
    problems: z.array(problem),
    drift: z.array(difference).describe("What there is that is not as the file says."),
  })
  .meta({ id: "ConfigFile" });

const NONE: z.infer<typeof view> = { state: "none", problems: [], drift: [] };

export const getConfigFile = adminEndpoint({
  method: "GET",
  path: "/v1/config-file",
  access: "platform:manage",
  tag: "Configuration file",
  operationId: "getConfigFile",
  summary: "The configuration file of the answering node, and what is not as it says",
  costBearing: false,
  response: view,
  async handle(_call, { configFile }) {
    if (!configFile) return { kind: "data", data: NONE };
    const { path, state, appliedAt, problems, drift } = configFile.state();
    return {
      kind: "data",
      data: {
        path,
        state,
        applied_at: isoTime(appliedAt),
        problems: problems.map((each) => ({ ...each })),
        drift: drift.map((each) => ({ ...each, fields: [...each.fields] })),
      },
    };
  },
});
