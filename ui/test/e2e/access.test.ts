import { expect, test } from "bun:test";
import { pickText } from "../../../gateway/test/harness/json.ts";
import { describePart } from "../../../gateway/test/parts.ts";
import { ADMIN, useConsole } from "./console.ts";

const FLOW_MS = 60_000;

describePart("chromium", "people, tenants and roles in the console", (chromium) => {
  const started = useConsole(chromium);

  test(
    "somebody is invited, sets a password, is given a role, suspended, resumed and deleted",
    async () => {
      const { page, mischief } = await started.visitAsAdmin();
      await page.goto("/admin");
      const navigation = page.getByRole("navigation", { name: "Main" });
      await navigation.getByRole("link", { name: "Users" }).click();
      await page.getByRole("link", { name: "Add user" }).click();
      await page.getByLabel("Name", { exact: true }).fill("Grace");
      await page.getByLabel("E-mail").fill("grace@example.org");
      await page.getByLabel("Role").selectOption("tenant_viewer");
      await page.getByRole("button", { name: "Invite" }).click();
      const link = (await page.getByTestId("invitation").textContent()) ?? "";

      const guest = await started.visit();
      await guest.page.goto(link);
      await guest.page.getByRole("heading", { name: "Welcome to ScaiGrid" }).waitFor();
      await guest.page.getByLabel("E-mail").fill("grace@example.org");
      await guest.page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
      await guest.page.getByRole("button", { name: "Set the password" }).click();
      const rooms = guest.page.getByRole("navigation", { name: "Main" }).getByRole("link");
      await rooms.first().waitFor();
      expect(await rooms.allTextContents()).toEqual(["Overview", "Models", "Requests", "Usage", "Limits"]);

      await page.getByRole("link", { name: "See the user" }).click();
      await page.getByLabel("tenant user").check();
      await page.getByRole("button", { name: "Save the roles" }).click();
      await page.getByText("Saved the roles.").waitFor({ state: "attached" });
      await guest.page.reload();
      await guest.page.getByRole("link", { name: "API Keys" }).waitFor();

      await page.getByRole("button", { name: "Suspend" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Suspend" }).click();
      await page.getByText("Suspended", { exact: true }).waitFor();
      await guest.page.reload();
      await guest.page.getByRole("link", { name: "API Keys" }).waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Resume" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
      await page.getByText("Active", { exact: true }).waitFor();

      await page.getByRole("button", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await page.getByRole("heading", { name: "Users", exact: true }).waitFor();
      await page.getByRole("link", { name: "Grace" }).waitFor({ state: "detached" });
      expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
    },
    FLOW_MS,
  );

  test("roles that somebody else has changed meanwhile are not overwritten", async () => {
    const body = { display_name: "Contested", kind: "service" };
    const made = await started.gateway.api("POST", "/v1/users", { body });
    const path = `/v1/users/${pickText(made.body, "data.id")}`;
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin/access/users?q=contested");
    await page.getByRole("link", { name: "Contested" }).click();
    await page.getByLabel("tenant viewer").check();
    await started.gateway.api("PUT", `${path}/roles`, { body: { roles: ["tenant_admin"] } });
    await page.getByRole("button", { name: "Save the roles" }).click();
    await page.getByText("Somebody else has changed this").waitFor();
    await page.getByRole("button", { name: "Reload" }).click();
    await page.getByText("Somebody else has changed this").waitFor({ state: "detached" });
    await page.getByRole("checkbox", { name: "tenant admin", checked: true }).waitFor();
    expect(await page.getByLabel("tenant viewer").isChecked()).toBe(false);
  });

  test("an address that is taken is told at its field's form, and nothing is made", async () => {
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin/access/users/new");
    await page.getByLabel("Name", { exact: true }).fill("Second Ada");
    await page.getByLabel("E-mail").fill(ADMIN.email);
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByRole("alert").getByText("CONFLICT").waitFor();
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Second Ada");
  });

  test("a tenant is added, suspended, resumed and deleted; a slug that is taken is refused", async () => {
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin");
    await page.getByRole("link", { name: "Tenants" }).click();
    await page.getByRole("link", { name: "Add tenant" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Café Nord");
    expect(await page.getByLabel("Slug").inputValue()).toBe("cafe-nord");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("heading", { name: "Café Nord" }).waitFor();
    await page.goto("/admin/access/tenants/new");
    await page.getByLabel("Name", { exact: true }).fill("Cafe Nord");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("alert").getByText("SLUG_CONFLICT").waitFor();
    await page.getByRole("link", { name: "Cancel" }).click();
    await page.getByRole("link", { name: "Café Nord" }).click();
    await page.getByRole("button", { name: "Suspend" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Suspend" }).click();
    await page.getByText("Suspended", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
    await page.getByText("Active", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { name: "Tenants", exact: true }).waitFor();
    await page.getByRole("link", { name: "Café Nord" }).waitFor({ state: "detached" });
  });

  test("a role of one's own is made, given, refused to be deleted while it is held, and deleted", async () => {
    const user = { display_name: "Key keeper", kind: "service", roles: [] };
    const made = await started.gateway.api("POST", "/v1/users", { body: user });
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin");
    await page.getByRole("link", { name: "Roles" }).click();
    await page.getByRole("heading", { name: "tenant admin" }).waitFor();
    await page.getByRole("button", { name: "Add custom role" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill("Keeper of keys");
    await dialog.getByLabel("api_keys:manage").check();
    await dialog.getByRole("button", { name: "Add" }).click();
    await page.getByRole("heading", { name: "Keeper of keys" }).waitFor();
    await page.goto(`/admin/access/users/${pickText(made.body, "data.id")}`);
    await page.getByLabel("Keeper of keys").check();
    await page.getByRole("button", { name: "Save the roles" }).click();
    await page.getByText("Saved the roles.").waitFor({ state: "attached" });
    await page.getByRole("link", { name: "What each role allows" }).click();
    await page.getByRole("button", { name: "Delete Keeper of keys" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await dialog.getByText("CONFLICT").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    const path = `/v1/users/${pickText(made.body, "data.id")}/roles`;
    await started.gateway.api("PUT", path, { body: { roles: [], custom_role_ids: [] } });
    await page.getByRole("button", { name: "Delete Keeper of keys" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await page.getByText("No custom roles yet").waitFor();
  });

  test("a tenant's administrator sees the tenant's rooms; the others refuse at their address", async () => {
    const { page } = await started.visitAs(["tenant_admin"]);
    const shown = await page.getByRole("navigation", { name: "Main" }).getByRole("link").allTextContents();
    expect(shown).toEqual([
      "Overview",
      "Playground",
      "Models",
      "Routing",
      "Requests",
      "Usage",
      "Limits",
      "Settings",
      "API Keys",
      "Users",
      "Groups",
      "Roles",
      "Model access",
      "Audit log",
    ]);
    await page.goto("/admin/access/tenants/new");
    await page.getByLabel("Name", { exact: true }).fill("Not mine to make");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("alert").getByText("AUTHZ_PERMISSION_DENIED").waitFor();
    await page.goto("/admin/access/users");
    await page.getByRole("link", { name: "Somebody" }).waitFor();
    await page.goto("/admin/access/users/new");
    expect(await page.getByLabel("Role").locator('option[value="super_admin"]').count()).toBe(0);
  });
});
