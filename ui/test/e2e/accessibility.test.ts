import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { addFakeBackend } from "../../../gateway/test/harness/fake-backend.ts";
import { pickText } from "../../../gateway/test/harness/json.ts";
import { describePart } from "../../../gateway/test/parts.ts";
import { useConsole } from "./console.ts";
import { FakeVendor, VENDOR_KEY } from "./fake-vendor.ts";
import type { Visit } from "./browser.ts";

const SETUP_MS = 60_000;
const THEMES = ["light", "dark"] as const;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds wrong with a page, and where. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async (rules) => {
    // @ts-expect-error -- axe puts itself there
    const { axe: inPage }: { axe: typeof axe } = window;
    const found = await inPage.run(document, { runOnly: rules });
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`),
    );
  }, RULES);
}

/** Pages by name: how to get there, and what is there once they are complete. */
type Room = readonly [name: string, path: string, sign: string];

const ROOMS: readonly Room[] = [
  ["API keys", "/admin/access/api-keys", "Requests, 24 h"],
  ["a refused call", "/admin/access/api-keys?cursor=made-up", "VALIDATION_ERROR"],
  ["creation of a key", "/admin/access/api-keys/new", "More"],
  ["models", "/admin/models", "Prices are for a million tokens"],
  ["models that do not exist", "/admin/models?q=nowhere", "No model has such a name"],
  ["requests", "/admin/requests", "req_01"],
  ["requests that do not exist", "/admin/requests?outcome=failed", "No request matches"],
  ["unknown request", "/admin/requests/nowhere", "No request goes by this id"],
  ["providers", "/admin/providers", "Add provider"],
  ["presets of providers", "/admin/providers/new", "Another server"],
  ["a provider's key", "/admin/providers/new?preset=openai", "Add and test"],
  ["users", "/admin/access/users", "Add user"],
  ["users that do not exist", "/admin/access/users?q=nobody-at-all", "No user matches"],
  ["creation of a user", "/admin/access/users/new", "Invite"],
  ["roles", "/admin/access/roles", "No custom roles yet"],
  ["routing", "/admin/routing", "acme/looked-at-by-axe"],
  ["creation of a policy", "/admin/routing/new", "None yet: a policy needs"],
  ["creation of a model", "/admin/models/new", "what programs ask for."],
  ["groups", "/admin/access/groups", "No groups yet"],
  ["model access", "/admin/access/model-access", "No model groups yet"],
  ["overview", "/admin/overview", "Models of this month"],
  ["the playground", "/admin/playground", "As code"],
  ["nodes", "/admin/nodes", "Nothing is set aside"],
  ["prices", "/admin/prices", "No entry here"],
  ["usage", "/admin/usage", "The figures of the chart"],
  ["usage that there is none of", "/admin/usage?model=nowhere", "Nothing was used"],
  ["a statement", "/admin/usage/statements", "Still running"],
  ["limits", "/admin/limits", "Limits of the partner"],
  ["settings", "/admin/settings", "SQLite"],
  ["one's own account", "/admin/account", "This one"],
  ["keys that do not exist", "/admin/access/api-keys?q=nowhere", "No key matches"],
  ["partners", "/admin/access/partners", "Add partner"],
  ["tenants", "/admin/access/tenants", "Add tenant"],
  ["creation of a tenant", "/admin/access/tenants/new", "A part of the slugs"],
  ["the audit log", "/admin/access/audit-log", "model.create"],
  ["a refused filter of the audit log", "/admin/access/audit-log?status=odd", "VALIDATION_ERROR"],
  ["unknown page", "/admin/nowhere", "There is no such page"],
];

describePart("chromium", "axe finds nothing to object to", (chromium) => {
  const started = useConsole(chromium);
  const vendor = new FakeVendor(["gpt-4o", "gpt-4o-mini"]);
  let requestId = "";
  afterAll(() => vendor.stop());

  beforeAll(async () => {
    const admin = await started.visitAsAdmin();
    await admin.page.goto("/admin/access/api-keys/new");
    await admin.page.getByLabel("Name").fill("Looked at by axe");
    await admin.page.getByRole("button", { name: "Create", exact: true }).click();
    const key = (await admin.page.getByTestId("key").textContent()) ?? "";
    const body = {
      model: "scailabs/poolnoodle-omni",
      messages: [{ role: "user", content: "Hello" }],
      logit_bias: { 1: 1 },
    };
    const answer = await started.gateway.api("POST", "/v1/inference/chat", { key, body });
    requestId = answer.headers.get("x-scaigrid-request-id") ?? "";
    await addFakeBackend(started.gateway, vendor, {
      slug: "acme/looked-at-by-axe",
      apiKey: VENDOR_KEY,
      plans: ["gpt-4o"],
    });
    const me = await started.gateway.api("GET", "/v1/me");
    const tenantId = pickText(me.body, "data.tenant.id");
    const budget = { scope: "tenant", scope_id: tenantId, period: "daily", cost_limit: "10" };
    await started.gateway.api("POST", "/v1/accounting/budgets", { body: budget });
    await admin.context.close();
  }, SETUP_MS);

  for (const colorScheme of THEMES) {
    describe(`in the ${colorScheme} theme`, () => {
      let admin: Visit;
      beforeAll(async () => {
        admin = await started.visitAsAdmin({ colorScheme });
      }, SETUP_MS);
      afterAll(() => admin.context.close());

      test.each([...ROOMS])("%s", async (_, path, sign) => {
        await admin.page.goto(path);
        await admin.page.getByText(sign).first().waitFor();
        expect(await violations(admin.page)).toEqual([]);
      });

      test("the trace", async () => {
        await admin.page.goto(`/admin/requests/${requestId}`);
        await admin.page.getByRole("heading", { name: "Usage and price" }).waitFor();
        expect(await violations(admin.page)).toEqual([]);
      });

      test("the key that is shown once", async () => {
        await admin.page.goto("/admin/access/api-keys/new");
        await admin.page.getByLabel("Name").fill("Shown once");
        await admin.page.getByText("More").click();
        await admin.page.getByLabel("Expires").selectOption({ label: "On a date…" });
        expect(await violations(admin.page)).toEqual([]);
        await admin.page.getByLabel("Expires").selectOption({ label: "In 30 days" });
        await admin.page.getByRole("button", { name: "Create", exact: true }).click();
        await admin.page.getByRole("tab", { name: "curl" }).waitFor();
        expect(await violations(admin.page)).toEqual([]);
      });

      test("a provider, its models and its form", async () => {
        const { page } = admin;
        await page.goto("/admin/providers");
        await page.getByRole("link", { name: "acme/looked-at-by-axe" }).click();
        await page.getByRole("button", { name: "Check health" }).click();
        await page.getByText("Healthy").first().waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole("button", { name: "Edit" }).click();
        await page.getByRole("dialog").waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole("button", { name: "Cancel" }).click();
        await page.getByRole("link", { name: "Add models" }).click();
        await page.getByLabel("Add gpt-4o", { exact: true }).check();
        await page.getByLabel("Price of input of gpt-4o", { exact: true }).waitFor();
        expect(await violations(page)).toEqual([]);
      });

      test("a user, a tenant, an entry of the audit log, and a role to be made", async () => {
        const { page } = admin;
        await page.goto("/admin/access/users?kind=human");
        await page
          .getByRole("region", { name: "Users" })
          .getByRole("link", { name: "ada@example.org" })
          .click();
        await page.getByLabel("super admin").waitFor();
        expect(await violations(page)).toEqual([]);
        await page.goto("/admin/access/tenants");
        await page.getByRole("link", { name: "Default" }).click();
        await page.getByText("Its users").waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole("button", { name: "Change limits" }).click();
        await page.getByRole("dialog").waitFor();
        expect(await violations(page)).toEqual([]);
        await page.goto("/admin/access/audit-log");
        await page.getByRole("button", { name: "model.create" }).first().click();
        await page.getByRole("dialog").waitFor();
        expect(await violations(page)).toEqual([]);
        await page.goto("/admin/access/roles");
        await page.getByRole("button", { name: "Add custom role" }).first().click();
        await page.getByLabel("api_keys:manage").waitFor();
        expect(await violations(page)).toEqual([]);
      });

      test("a group, a rule and a model group to be made", async () => {
        const { page } = admin;
        const made = await started.gateway.api("POST", "/v1/groups", { body: { name: "Looked at" } });
        const id = pickText(made.body, "data.id");
        await page.goto(`/admin/access/groups/${id}`);
        await page.getByText("This group gives no role yet").waitFor();
        await page.getByText("Nobody is in this group yet").waitFor();
        expect(await violations(page)).toEqual([]);
        await started.gateway.api("DELETE", `/v1/groups/${id}`);
        await page.goto("/admin/access/model-access");
        await page.getByRole("button", { name: "Add rule" }).first().click();
        await page.getByLabel("For").selectOption("user");
        await page.getByLabel("Find a user").waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole("button", { name: "Cancel" }).click();
        await page.getByRole("button", { name: "Add model group" }).click();
        await page.getByRole("dialog").waitFor();
        expect(await violations(page)).toEqual([]);
      });

      test("a routing policy and its preview", async () => {
        const { page } = admin;
        await page.goto("/admin/routing");
        await page.getByRole("link", { name: "acme/looked-at-by-axe" }).click();
        await page.getByRole("button", { name: "Preview" }).click();
        await page.getByRole("columnheader", { name: "Why" }).waitFor();
        expect(await violations(page)).toEqual([]);
      });

      test("a budget, its form, and why something was refused", async () => {
        const { page } = admin;
        await page.goto(`/admin/limits?request=${requestId}`);
        await page.getByText("Nothing blocked this request").waitFor();
        await page.getByRole("article").getByText("Within its limits").waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole("button", { name: /^Edit Daily budget/ }).click();
        await page.getByRole("dialog").waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole("button", { name: "Cancel" }).click();
      });

      test("a model and its form", async () => {
        const { page } = admin;
        await page.goto("/admin/models?q=looked-at");
        await page.getByRole("link", { name: "acme/looked-at-by-axe" }).click();
        await page.getByRole("link", { name: "Who may use it" }).waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole("button", { name: "Edit" }).click();
        await page.getByRole("dialog").waitFor();
        expect(await violations(page)).toEqual([]);
      });

      test("a key, its form and its rotation", async () => {
        const { page } = admin;
        await page.goto("/admin/access/api-keys");
        await page.getByRole("link", { name: "Looked at by axe" }).click();
        await page.getByText("All its user may use").waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole("button", { name: "Edit" }).click();
        await page.getByRole("dialog").waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole("button", { name: "Cancel" }).click();
        await page.getByRole("button", { name: "Rotate" }).click();
        await page.getByRole("dialog").waitFor();
        expect(await violations(page)).toEqual([]);
      });

      test("the question before a revocation", async () => {
        await admin.page.goto("/admin/access/api-keys");
        await admin.page.getByRole("button", { name: "Revoke Looked at by axe" }).click();
        await admin.page.getByRole("dialog").waitFor();
        expect(await violations(admin.page)).toEqual([]);
      });

      test("sign-in with a refusal, and the claim", async () => {
        const { page, context } = await started.visit({ colorScheme });
        await page.goto("/admin/sign-in");
        await page.getByLabel("E-mail").fill("nobody@example.org");
        await page.getByLabel("Password", { exact: true }).fill("not the password");
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByText("AUTH_TOKEN_INVALID").waitFor();
        expect(await violations(page)).toEqual([]);
        await page.goto("/admin/claim#token=made-up");
        await page.getByRole("heading", { name: "Claim this installation" }).waitFor();
        expect(await violations(page)).toEqual([]);
        await page.goto("/admin/claim");
        await page.getByRole("heading", { name: "This link is not complete" }).waitFor();
        expect(await violations(page)).toEqual([]);
        await context.close();
      });
    });
  }

  test("no page is wider than a window of 320 pixels, and the menu opens there", async () => {
    const { page, context } = await started.visitAsAdmin({ width: 320, height: 700 });
    const trace: Room = ["trace", `/admin/requests/${requestId}`, "Usage and price"];
    for (const [, path, sign] of [...ROOMS, trace]) {
      await page.goto(path);
      await page.getByText(sign).first().waitFor({ state: "attached" });
      expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, 320]);
    }
    await page.goto("/admin/models");
    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("link", { name: "Requests" }).click();
    await page.getByRole("heading", { name: "Requests", exact: true }).waitFor();
    expect(await violations(page)).toEqual([]);
    await context.close();
  });

  test("a change of page gives the focus to its heading, and the skip link leads there too", async () => {
    const { page, context } = await started.visitAsAdmin();
    await page.goto("/admin/models");
    await page.getByRole("link", { name: "Requests" }).click();
    await page.waitForFunction(() => document.activeElement?.textContent === "Requests");
    await page.goto("/admin/models");
    await page.getByRole("heading", { name: "Models" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("page-title");
    await context.close();
  });

  test("the chosen theme is kept", async () => {
    const { page, context } = await started.visit();
    await page.goto("/admin/sign-in");
    const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    await page.getByRole("button", { name: "Dark theme" }).click();
    expect(await scheme()).toBe("dark");
    await page.reload();
    await page.getByRole("button", { name: "Dark theme", pressed: true }).waitFor();
    expect(await scheme()).toBe("dark");
    await context.close();
  });
});
