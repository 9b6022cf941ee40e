import { expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { describeApi } from "./started.ts";

describeApi(
  "GET /v1/me",
  (api) => {
    test("tells the first key who it is, what it may do and its limits", async () => {
      const reply = await api.gateway.api("GET", "/v1/me", { key: api.gateway.firstKey });
      expect(pick(reply.body, "data")).toMatchObject({
        user: { kind: "service" },
        tenant: { slug: "default" },
        partner: { slug: "internal" },
        api_key: { name: "first key" },
        roles: ["tenant_admin"],
        rate_limits: { key: 60, user: 7, tenant: 1000, partner: 0 },
        token_limits: { key: 0, user: 0, tenant: 900, partner: 0 },
        concurrency_limits: { key: 3, user: 0, tenant: 0, partner: 0 },
      });
      const permissions = pick(reply.body, "data.permissions");
      expect(permissions).toContain("models:use");
      expect(permissions).toContain("accounting:view_tenant");
      expect(permissions).not.toContain("platform:manage");
    });

    test("tells the administrator's key everything it may do", async () => {
      const reply = await api.gateway.api("GET", "/v1/me");
      expect(pick(reply.body, "data.roles")).toEqual(["super_admin"]);
      expect(pick(reply.body, "data.permissions")).toContain("platform:manage");
    });
  },
  {
    SCAIGRID_RATE_LIMITS: "user:7,partner:0",
    SCAIGRID_TOKEN_LIMITS: "tenant:900",
    SCAIGRID_CONCURRENCY_LIMITS: "key:3",
  },
);
