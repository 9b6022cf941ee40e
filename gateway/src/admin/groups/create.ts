import { z } from "zod";
import { newId } from "../../base/ids.ts";
import type { Group } from "../../core/iam.ts";
import { createGroup } from "../../store/iam/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { demandRoom, description, ownerField, tenantFor } from "../owned.ts";
import { committed } from "../refusals.ts";
import { groupView, viewGroup } from "./group-view.ts";

export const createGroupEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/groups",
  access: "users:manage",
  tag: "Groups",
  operationId: "createGroup",
  summary: "Make a group of users of one tenant",
  costBearing: false,
  auditAction: "group.create",
  errors: ["QUOTA_EXCEEDED"],
  body: z
    .strictObject({ name: shownText, description: description.optional(), tenant_id: ownerField })
    .meta({ examples: [{ name: "Research" }] }),
  response: groupView,
  async handle({ principal, body }, deps) {
    const tenantId = await tenantFor(body.tenant_id, principal, deps);
    await demandRoom("groups", tenantId, deps);
    const now = deps.clock.now();
    const group: Group = {
      id: newId("group", now),
      tenantId,
      name: body.name,
      ...(body.description !== undefined && { description: body.description }),
      memberIds: [],
      createdAt: now,
    };
    await committed(deps.commit(createGroup(group, now)), {});
    return { kind: "data", status: 201, data: viewGroup(group, 0) };
  },
});
