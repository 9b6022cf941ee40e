import { describe, expect, test } from "bun:test";
import { slugOwner } from "../../src/access/slugs.ts";
import { mayManageSlug, maySeeModel, mayUseModel } from "../../src/access/visibility.ts";
import type { FrontendModel } from "../../src/core/catalogue.ts";
import type { Role } from "../../src/core/permissions.ts";
import { principalWith } from "./principals.ts";

/** Nobody has a list. */
const OPEN = { allowsModel: () => true };

function model(slug: string, status: FrontendModel["status"] = "active"): FrontendModel {
  return {
    id: "model_1",
    slug,
    displayName: slug,
    modality: "chat",
    capabilities: [],
    contextWindow: 8_192,
    defaultParams: {},
    free: false,
    status,
    ownedBy: "someone",
    createdAt: 1,
  };
}

describe("slugs", () => {
  test.each([
    ["openai/gpt-4o", { level: "platform" }],
    ["partner/north/fast", { level: "partner", slug: "north" }],
    ["tenant/acme/house/model-1.5", { level: "tenant", slug: "acme" }],
    ["partners/x", { level: "platform" }],
  ] as const)("%s belongs to %p", (slug, owner) => {
    expect(slugOwner(slug)).toEqual(owner);
  });

  test.each([
    "gpt-4o",
    "a/b/c",
    "partner/north",
    "tenant/acme",
    "OpenAI/gpt",
    "openai/",
    "/gpt",
    "openai//gpt",
    "openai/..",
    "openai/avatar",
    "tenant/acme/avatar",
    "openai/gpt 4",
    "",
    `openai/${"x".repeat(200)}`,
  ])("%p is not a slug", (slug) => {
    expect(slugOwner(slug)).toBeUndefined();
  });
});

describe("models", () => {
  test("vendor slugs are everyone's; partner and tenant slugs only theirs, the super admin's included", () => {
    for (const role of ["tenant_viewer", "super_admin"] as const) {
      const principal = principalWith(role);
      expect(mayUseModel(principal, model("openai/gpt-4o"), OPEN)).toBe(true);
      expect(mayUseModel(principal, model("partner/north/fast"), OPEN)).toBe(true);
      expect(mayUseModel(principal, model("tenant/acme/house"), OPEN)).toBe(true);
      expect(mayUseModel(principal, model("partner/northern/fast"), OPEN)).toBe(false);
      expect(mayUseModel(principal, model("tenant/acme2/house"), OPEN)).toBe(false);
    }
  });

  test("a deprecated model can be used, a disabled one cannot and is hidden from those who only use", () => {
    const user = principalWith("tenant_user");
    expect(mayUseModel(user, model("openai/gpt-4", "deprecated"), OPEN)).toBe(true);
    expect(mayUseModel(user, model("openai/gpt-4", "disabled"), OPEN)).toBe(false);
    expect(maySeeModel(user, model("openai/gpt-4", "disabled"), OPEN)).toBe(false);
    expect(maySeeModel(principalWith("super_admin"), model("openai/gpt-4", "disabled"), OPEN)).toBe(true);
    expect(maySeeModel(principalWith("tenant_admin"), model("tenant/acme/old", "disabled"), OPEN)).toBe(true);
  });

  test("the lists of a tenant bind all but those who run the installation, who share it with its administrators", () => {
    const closed = { allowsModel: () => false };
    const house = model("openai/gpt-4o");
    for (const role of ["tenant_user", "tenant_admin", "partner_admin"] as const) {
      expect([role, mayUseModel(principalWith(role), house, closed)]).toEqual([role, false]);
    }
    const platform = principalWith("super_admin");
    expect(mayUseModel(platform, house, closed)).toBe(true);
    // With a key of few scopes as well: what it may ask for is said by the key's own list.
    expect(mayUseModel({ ...platform, permissions: new Set(["models:use"]) }, house, closed)).toBe(true);
  });

  test.each<[Role, string, boolean]>([
    ["tenant_user", "tenant/acme/house", false],
    ["tenant_admin", "tenant/acme/house", true],
    ["tenant_admin", "tenant/other/house", false],
    ["tenant_admin", "partner/north/fast", false],
    ["tenant_admin", "openai/gpt-4o", false],
    ["partner_viewer", "partner/north/fast", false],
    ["partner_admin", "partner/north/fast", true],
    ["partner_admin", "partner/south/fast", false],
    ["partner_admin", "openai/gpt-4o", false],
    ["super_admin", "openai/gpt-4o", true],
    ["super_admin", "tenant/other/house", true],
  ])("%s manages %s: %p", (role, slug, expected) => {
    expect(mayManageSlug(principalWith(role), slug)).toBe(expected);
  });
});
