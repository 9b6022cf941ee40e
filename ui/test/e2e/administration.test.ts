import { expect, test } from "bun:test";
import { pick, pickText } from "../../../gateway/test/harness/json.ts";
import { describePart } from "../../../gateway/test/parts.ts";
import { ADMIN, fillCredentials, useConsole } from "./console.ts";

const FLOW_MS = 60_000;
const SANDBOX = "scailabs/poolnoodle-omni";

describePart("chromium", "groups, model access, partners, limits and keys in the console", (chromium) => {
  const started = useConsole(chromium);

  async function madeService(name: string): Promise<string> {
    const body = { display_name: name, kind: "service", roles: [] };
    const made = await started.gateway.api("POST", "/v1/users", { body });
    return pickText(made.body, "data.id");
  }

  test(
    "a group gives its role to whoever is put into it, and takes it from whoever leaves",
    async () => {
      const userId = await madeService("Nightly job");
      const { page, mischief } = await started.visitAsAdmin();
      await page.goto("/admin/access/groups");
      await page.getByRole("button", { name: "Add group" }).first().click();
      await page.getByLabel("Name", { exact: true }).fill("Research");
      await page.getByRole("dialog").getByRole("button", { name: "Add" }).click();
      await page.getByRole("heading", { name: "Research" }).waitFor();
      await page.getByLabel("Another role").selectOption("tenant_user");
      await page.getByRole("button", { name: "Give the role" }).click();
      await page.getByRole("rowheader", { name: "tenant user" }).waitFor();
      await page.getByLabel("Find a user").fill("nightly");
      await page.getByLabel("User", { exact: true }).selectOption({ label: "Nightly job" });
      await page.getByRole("button", { name: "Add to the group" }).click();
      await page.getByRole("link", { name: "Nightly job" }).waitFor();

      const key = await started.gateway.api("POST", "/v1/api-keys", {
        body: { name: "job", assigned_user_id: userId },
      });
      const me = () => started.gateway.api("GET", "/v1/me", { key: pickText(key.body, "data.key") });
      expect(pick((await me()).body, "data.permissions")).toContain("models:use");
      await page.getByRole("button", { name: "Remove Nightly job" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
      await page.getByText("Nobody is in this group yet").waitFor();
      expect(pick((await me()).body, "data.permissions")).not.toContain("models:use");

      await page.getByRole("button", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await page.getByRole("dialog").getByText("CONFLICT").waitFor();
      await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("button", { name: "Remove tenant user" }).click();
      await page.getByText("This group gives no role yet").waitFor();
      await page.getByRole("button", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await page.getByText("No groups yet").waitFor();
      expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
    },
    FLOW_MS,
  );

  test("a rule blocks a model group for a user; a slug that is none is told beside its field", async () => {
    const userId = await madeService("Blocked one");
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin/access/model-access");
    await page.getByRole("button", { name: "Add model group" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill("Toys");
    await dialog.getByLabel("Models", { exact: true }).fill("scailabs/*\nnot a slug");
    await dialog.getByRole("button", { name: "Add" }).click();
    await dialog.getByText("No. 2 must be a model's slug").waitFor();
    expect(await dialog.getByLabel("Name", { exact: true }).inputValue()).toBe("Toys");
    await dialog.getByLabel("Models", { exact: true }).fill("scailabs/*");
    await dialog.getByRole("button", { name: "Add" }).click();
    await page.getByRole("heading", { name: "Toys" }).waitFor();

    await page.getByRole("button", { name: "Add rule" }).first().click();
    await dialog.getByLabel("For").selectOption("user");
    await dialog.getByLabel("User", { exact: true }).selectOption({ label: "Blocked one" });
    await dialog.getByLabel("Effect").selectOption("block");
    await dialog.getByLabel("Models").selectOption({ label: "The group Toys" });
    await dialog.getByRole("button", { name: "Add" }).click();
    await page.getByRole("link", { name: "Blocked one" }).waitFor();
    const rules = await started.gateway.api("GET", `/v1/model-access?subject_id=${userId}`);
    expect(pick(rules.body, "data.items.0.effect")).toBe("block");

    await page.getByRole("button", { name: "Delete Toys" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await dialog.getByText("CONFLICT").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Remove the rule Toys for Blocked one" }).click();
    await dialog.getByRole("button", { name: "Remove" }).click();
    await page.getByText("No rules yet").waitFor();
    await page.getByRole("button", { name: "Edit Toys" }).click();
    await dialog.getByLabel("Models", { exact: true }).fill(SANDBOX);
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText(SANDBOX, { exact: true }).waitFor();
  });

  test("a partner is added, limited and deleted; its limits say who has set them", async () => {
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin/access/partners/new");
    await page.getByLabel("Name", { exact: true }).fill("North");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("heading", { name: "North" }).waitFor();
    await page.getByRole("button", { name: "Change limits" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Requests per minute").fill("1000000000000");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("must be a whole number from 0 to 1000000000").first().waitFor();
    await dialog.getByLabel("Requests per minute").fill("700");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row", { name: "Requests per minute 700 The platform" }).waitFor();
    await page.getByRole("button", { name: "Change limits" }).click();
    await dialog.getByLabel("Requests per minute").fill("");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row", { name: "Requests per minute 5,000 The installation" }).waitFor();
    const broken = page.locator("section").filter({ hasText: "Broken streams" });
    await broken.getByText("What was delivered").waitFor();
    await page.getByRole("button", { name: "Change who pays" }).click();
    await dialog.getByLabel("Callers pay").selectOption("free_on_provider_fault");
    await dialog.getByRole("button", { name: "Save" }).click();
    await broken.getByText("Nothing where the provider broke it off").waitFor();
    await broken.getByText("The platform").waitFor();
    await page.getByRole("button", { name: "Change who pays" }).click();
    await dialog.getByLabel("Callers pay").selectOption("");
    await dialog.getByRole("button", { name: "Save" }).click();
    await broken.getByText("The installation").waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { name: "Partners", exact: true }).waitFor();
    await page.getByRole("link", { name: "North" }).waitFor({ state: "detached" });
  });

  test("a tenant's administrator sets its name and its calendar, and can only tighten who pays", async () => {
    const { page } = await started.visitAs(["tenant_admin"]);
    await page.goto("/admin");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Change tenant" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Time zone").fill("Nowhere/At_All");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("VALIDATION_ERROR").waitFor();
    await dialog.getByLabel("Time zone").fill("Asia/Tokyo");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("Asia/Tokyo", { exact: true }).waitFor();
    expect(await page.getByRole("heading", { name: "Gateway" }).count()).toBe(0);
    await page.getByRole("button", { name: "Change who pays" }).click();
    await dialog.getByLabel("Callers pay").selectOption("free_on_provider_fault");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("can only be tightened here").first().waitFor();
  });

  test("a tenant's administrator can only tighten its limits, and reads the partner's nowhere", async () => {
    const { page } = await started.visitAs(["tenant_admin"]);
    await page.goto("/admin/limits");
    await page.getByRole("heading", { name: "Limits of the tenant Default" }).waitFor();
    expect(await page.getByRole("heading", { name: "Limits of the partner" }).count()).toBe(0);
    await page.getByRole("button", { name: "Change limits" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Requests per minute").fill("2000");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("can only be tightened here: from 1 to 1000").first().waitFor();
    await dialog.getByLabel("Requests per minute").fill("900");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row", { name: "Requests per minute 900 Itself" }).waitFor();
  });

  test(
    "a key is narrowed, changed, rotated and revoked; several are revoked at once",
    async () => {
      const { page } = await started.visitAsAdmin();
      await page.goto("/admin/access/api-keys/new");
      await page.getByLabel("Name").fill("Narrow");
      await page.getByText("More").click();
      await page.getByLabel("Only these models").fill("scailabs/*");
      await page.getByLabel("Only from these addresses").fill("not an address");
      await page.getByLabel("models:use").check();
      await page.getByRole("button", { name: "Create", exact: true }).click();
      await page.getByText("No. 1 must be an address or a block").waitFor();
      await page.getByLabel("Only from these addresses").fill("127.0.0.0/8\n::1");
      await page.getByRole("button", { name: "Create", exact: true }).click();
      const first = (await page.getByTestId("key").textContent()) ?? "";
      await page.getByRole("button", { name: "Done" }).click();

      await page.getByRole("link", { name: "Narrow" }).click();
      await page.getByText("127.0.0.0/8").waitFor();
      await page.getByRole("button", { name: "Edit" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Only from these addresses").fill("");
      await dialog.getByLabel("Requests per minute").fill("7");
      await dialog.getByRole("button", { name: "Save" }).click();
      await page.getByText("From anywhere").waitFor();
      await page.getByText("Requests per minute: 7").waitFor();

      await page.getByRole("button", { name: "Rotate" }).click();
      await dialog.getByLabel("The former key goes on for").selectOption({ label: "1 hour" });
      await dialog.getByRole("button", { name: "Rotate" }).click();
      const second = (await page.getByTestId("key").textContent()) ?? "";
      expect(second).not.toBe(first);
      for (const key of [first, second]) {
        expect((await started.gateway.api("GET", "/v1/me", { key })).status).toBe(200);
      }
      await page.getByRole("button", { name: "Done" }).click();
      await page.getByText("Made in the place of").waitFor();

      await page.goto("/admin/access/api-keys?q=narrow");
      for (const nth of [0, 1]) await page.getByLabel("Choose Narrow").nth(nth).check();
      await page.getByRole("button", { name: "Revoke 2 keys" }).click();
      await dialog.getByRole("button", { name: "Revoke" }).click();
      await page.getByText("Revoked", { exact: true }).nth(1).waitFor();
      for (const key of [first, second]) {
        expect((await started.gateway.api("GET", "/v1/me", { key })).status).toBe(401);
      }
    },
    FLOW_MS,
  );

  test(
    "somebody sees where they are signed in, ends that elsewhere, and changes the password",
    async () => {
      const next = "another sentence of several words";
      const { page } = await started.visitAs(["tenant_viewer"]);
      const email = (await page.getByTitle(/^Your account/).textContent()) ?? "";
      const other = await started.visit();
      await other.page.goto("/admin/sign-in");
      await fillCredentials(other.page, email);
      await other.page.getByRole("button", { name: "Sign in" }).click();
      await other.page.getByRole("navigation", { name: "Main" }).waitFor();

      await page.getByTitle(/^Your account/).click();
      await page.getByText("This one").waitFor();
      await page.getByRole("button", { name: /^End the session/ }).click();
      await page.getByRole("dialog").getByRole("button", { name: "End" }).click();
      await page.getByRole("button", { name: /^End the session/ }).waitFor({ state: "detached" });
      await other.page.goto("/admin/models");
      await other.page.getByRole("heading", { name: "Sign in" }).waitFor();

      await page.getByLabel("Present password").fill("not the present one");
      await page.getByLabel("New password", { exact: true }).fill(next);
      await page.getByLabel("New password, once more").fill("something else");
      await page.getByRole("button", { name: "Change the password" }).click();
      await page.getByText("is not the same").waitFor();
      await page.getByLabel("New password, once more").fill(next);
      await page.getByRole("button", { name: "Change the password" }).click();
      await page.getByText("is not your password").first().waitFor();
      await page.getByLabel("Present password").fill(ADMIN.password);
      await page.getByRole("button", { name: "Change the password" }).click();
      await page.getByText("Your password has been changed.").first().waitFor();
      expect(await page.getByLabel("Present password").inputValue()).toBe("");

      await fillCredentials(other.page, email, next);
      await other.page.getByRole("button", { name: "Sign in" }).click();
      await other.page.getByRole("navigation", { name: "Main" }).waitFor();
    },
    FLOW_MS,
  );
});
