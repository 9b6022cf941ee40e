import { afterAll, beforeAll, expect, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addFakeBackend } from "../../../gateway/test/harness/fake-backend.ts";
import { pick } from "../../../gateway/test/harness/json.ts";
import { describePart } from "../../../gateway/test/parts.ts";
import { useConsole } from "./console.ts";
import { FakeVendor, VENDOR_KEY } from "./fake-vendor.ts";

const FLOW_MS = 60_000;
const SETUP_MS = 60_000;
const SLUG = "acme/routed";
const FILE = join(tmpdir(), `scaigrid-console-${crypto.randomUUID()}.yaml`);
const DECLARED = `
providers:
  house: { type: custom, name: From the file, base_url: "http://127.0.0.1:9/v1" }
backends:
  only: { provider: house, upstream_model: house-model, free: true }
models:
  house/declared: { context_window: 1000, free: true }
routing_policies:
  house/declared: { targets: [{ backend: only }] }
`;

describePart("chromium", "routing in the console", (chromium) => {
  const vendor = new FakeVendor(["gpt-4o", "gpt-4o-mini"]);
  beforeAll(() => writeFile(FILE, DECLARED));
  const started = useConsole(chromium, { env: { SCAIGRID_CONFIG: FILE } });
  beforeAll(async () => {
    const options = { slug: SLUG, apiKey: VENDOR_KEY, plans: ["gpt-4o", "gpt-4o-mini"] };
    await addFakeBackend(started.gateway, vendor, options);
  }, SETUP_MS);
  afterAll(async () => {
    await vendor.stop();
    await rm(FILE, { force: true });
  });

  test(
    "a policy is put into another order, weighted and saved; the preview tells which backend is asked, and why",
    async () => {
      const { page, mischief } = await started.visitAsAdmin();
      await page.goto("/admin/routing");
      await page.getByRole("link", { name: SLUG }).click();
      const rows = page.getByRole("listitem").filter({ hasText: "gpt-4o" });
      await rows.nth(1).waitFor();
      const order = async (): Promise<readonly string[]> =>
        (await rows.locator("code").allTextContents()).map((text) => text.split(":").at(-1) ?? "");
      expect(await order()).toEqual(["gpt-4o", "gpt-4o-mini"]);
      await page.getByRole("button", { name: "Preview" }).click();
      await page.getByRole("row", { name: /^1 \S*gpt-4o for/ }).waitFor();

      await page.getByRole("button", { name: /^Move \S*gpt-4o-mini up$/ }).click();
      expect(await order()).toEqual(["gpt-4o-mini", "gpt-4o"]);
      await page.getByLabel("When a stream breaks off").selectOption("continue");
      await page.getByLabel("Models that are asked when no backend answers").fill("acme/nowhere");
      await page.getByRole("button", { name: "Save the policy" }).click();
      await page.getByText("No. 1 is no model").waitFor();
      expect(await order()).toEqual(["gpt-4o-mini", "gpt-4o"]);
      await page.getByLabel("Models that are asked when no backend answers").fill("");
      await page.getByRole("button", { name: "Save the policy" }).click();
      await page.getByText("Saved the policy.").waitFor({ state: "attached" });
      await page.getByRole("button", { name: "Preview" }).click();
      await page.getByRole("row", { name: /^1 \S*gpt-4o-mini for/ }).waitFor();
      expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
    },
    FLOW_MS,
  );

  test("a backend is drawn to another place with the mouse", async () => {
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin/routing");
    await page.getByRole("link", { name: SLUG }).click();
    const rows = page.getByRole("listitem").filter({ hasText: "gpt-4o" });
    await rows.nth(1).waitFor();
    const first = (await rows.first().locator("code").textContent()) ?? "";
    await rows.first().dragTo(rows.nth(1));
    await page.waitForFunction(
      ([text]) => document.querySelectorAll("li[draggable] code")[1]?.textContent === text,
      [first],
    );
  });

  test("a policy is deleted, and made anew for the model that has none", async () => {
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin/routing");
    await page.getByRole("link", { name: SLUG }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { name: "Routing", exact: true }).waitFor();
    await page.getByRole("link", { name: "Add policy" }).click();
    await page.getByLabel("Model", { exact: true }).selectOption({ label: SLUG });
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("alert").getByText("must name at least one backend").first().waitFor();
    await page.getByLabel("Another backend").selectOption({ index: 1 });
    await page.getByRole("button", { name: "Add backend" }).click();
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("heading", { name: SLUG }).waitFor();
    const model = await started.gateway.api("GET", `/v1/models/${SLUG}`);
    expect(pick(model.body, "data.total_backend_count")).toBe(1);
  });

  test("what the configuration file declares is marked, shown, and not to be changed", async () => {
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin/routing");
    await page.getByRole("row", { name: /house\/declared In the file/ }).waitFor();
    await page.getByRole("link", { name: "house/declared" }).click();
    await page.getByText("declares this").waitFor();
    expect(await page.getByLabel("When a stream breaks off").isDisabled()).toBe(true);
    expect(await page.getByRole("button", { name: "Save the policy" }).count()).toBe(0);
    expect(await page.getByRole("button", { name: "Delete" }).count()).toBe(0);
    await page.goto("/admin/providers");
    await page
      .getByRole("row", { name: /From the file/ })
      .getByText("In the file")
      .waitFor();
    await page.getByRole("link", { name: "From the file" }).click();
    await page.getByText("declares this").waitFor();
    expect(await page.getByRole("button", { name: "Edit" }).count()).toBe(0);
    expect(await page.getByRole("heading", { name: "Switch off or delete" }).count()).toBe(0);
  });

  test("a backend that fails shows its circuit and its last failure beside the provider", async () => {
    const path = "/v1/inference/chat";
    const body = { model: "house/declared", messages: [{ role: "user", content: "Hello" }] };
    await started.gateway.api("POST", path, { key: started.gateway.firstKey, body });
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin/providers");
    await page.getByRole("link", { name: "From the file" }).click();
    await page.getByText("Last failure").waitFor();
    await page.getByText(/Circuit (closed|open)/).waitFor();
  });

  test("a configuration file that is at fault is told of with its line, until it is right", async () => {
    const { page } = await started.visitAsAdmin();
    await writeFile(FILE, DECLARED.replace("free: true }\nmodels", "fere: true }\nmodels"));
    await page.goto("/admin/providers");
    await page.getByText("Line 5: backends.only.fere is not a known field; did you mean free?").waitFor();
    await writeFile(FILE, DECLARED);
    await page.goto("/admin/providers");
    await page.getByText("From the file").waitFor();
    await page.getByText("cannot be taken").waitFor({ state: "detached" });
  });

  test(
    "a backend is granted to a tenant, whose administrator makes a model of the tenant's own and routes it",
    async () => {
      const { page } = await started.visitAsAdmin();
      await page.goto("/admin/access/tenants");
      await page.getByRole("link", { name: "Default" }).click();
      await page.getByText("No backend is granted.").waitFor();
      await page.getByLabel("Another backend").selectOption({ label: "custom:gpt-4o-mini" });
      await page.getByRole("button", { name: "Grant" }).click();
      await page.getByRole("row", { name: /custom:gpt-4o-mini The platform In force/ }).waitFor();

      const admin = await started.visitAs(["tenant_admin"]);
      await admin.page.goto("/admin/models/new");
      await admin.page.getByLabel("Slug").fill("elsewhere/own");
      await admin.page.getByRole("button", { name: "Add", exact: true }).click();
      await admin.page.getByText("Slugs you may manage begin with tenant/default/.").waitFor();
      await admin.page.getByLabel("Slug").fill("tenant/default/own");
      expect(await admin.page.getByLabel("Price of a million tokens in").count()).toBe(0);
      await admin.page.getByRole("button", { name: "Add", exact: true }).click();
      await admin.page.getByRole("heading", { name: "tenant/default/own" }).waitFor();
      await admin.page.getByRole("link", { name: "Add a routing policy" }).click();
      const backends = admin.page.getByLabel("Another backend");
      await backends.selectOption({ label: "custom:gpt-4o-mini" });
      expect(await backends.locator("option").count()).toBe(2);
      await admin.page.getByRole("button", { name: "Add backend" }).click();
      await admin.page.getByRole("button", { name: "Add", exact: true }).click();
      await admin.page.getByRole("heading", { name: "tenant/default/own" }).waitFor();
      await admin.page.getByRole("button", { name: "Save the policy" }).waitFor();

      await page.goto("/admin/models?q=default/own");
      await page.getByRole("link", { name: "tenant/default/own" }).click();
      await page.getByRole("button", { name: "Edit" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Price of a million tokens in").fill("1.25");
      await dialog.getByLabel("Price of a million tokens out").fill("five");
      await dialog.getByRole("button", { name: "Save" }).click();
      await dialog.getByRole("alert").getByText("VALIDATION_ERROR").waitFor();
      await dialog.getByLabel("Price of a million tokens out").fill("5");
      await dialog.getByRole("button", { name: "Save" }).click();
      await page.getByText("$1.25").waitFor();
      await page.getByRole("button", { name: "Delete" }).click();
      await dialog.getByRole("button", { name: "Delete" }).click();
      await dialog.getByText("CONFLICT").waitFor();
    },
    FLOW_MS,
  );
});
