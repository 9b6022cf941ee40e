import { expect, test } from "bun:test";
import type { ApiReply } from "../harness/api.ts";
import { pick } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, SANDBOX } from "./started.ts";
import { addCaller, addPartner, addTenant } from "./tenancy.ts";

const PATH = "/v1/accounting/traffic";

describeApi("traffic", (api) => {
  test("each level is told how many of its requests ended how, and how long they took", async () => {
    const partnerId = await addPartner(api.gateway);
    const tenantId = await addTenant(api.gateway, partnerId);
    const sibling = await addTenant(api.gateway, partnerId);
    const admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    const partner = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId: sibling });
    const broken = await api.model("fake-status?code=500");
    await api.chat({ stream: true }, { key: admin.key });
    await api.chat({}, { key: partner.key });
    await api.chat({ model: broken.slug }, { key: partner.key });
    await api.chat({ model: "acme/nowhere" }, { key: partner.key });

    const of = (reply: ApiReply) => pick(reply.body, "data.totals");
    expect(of(await admin.call("GET", PATH))).toMatchObject({ requests: 1, failed: 0, failed_share: 0 });
    const all = await partner.call("GET", `${PATH}?hours=24`);
    expect(of(all)).toMatchObject({ requests: 4, failed: 1, refused: 1, failed_share: 0.3333 });
    expect(pick(all.body, "data.slot_seconds")).toBe(1440);
    expect(pick(all.body, "data.totals.latency_ms.p50")).toBeGreaterThan(0);
    expect(pick(all.body, "data.totals.ttft_ms.p99")).toBeGreaterThan(0);
    const slots = pick(all.body, "data.slots");
    expect(slots).toBeArrayOfSize(60);
    // The platform's own are among them: at least those of all others.
    expect(pick((await api.gateway.api("GET", PATH)).body, "data.totals.requests")).toBeGreaterThanOrEqual(4);
  });

  test("is refused to whoever sees only their own, and for hours that are not kept", async () => {
    const user = await addCaller(api.gateway, { roles: ["tenant_user"] });
    expect((await api.chat({ model: SANDBOX }, { key: user.key })).status).toBe(200);
    expect(codeOf(await user.call("GET", PATH))).toBe("AUTHZ_PERMISSION_DENIED");
    for (const hours of ["0", "25", "1.5", "many"]) {
      expect(fieldsOf(await api.gateway.api("GET", `${PATH}?hours=${hours}`))).toEqual(["query.hours"]);
    }
  });
});
