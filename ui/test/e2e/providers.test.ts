import { afterAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { pickText } from "../../../gateway/test/harness/json.ts";
import { describePart } from "../../../gateway/test/parts.ts";
import { useConsole } from "./console.ts";
import { FakeVendor, VENDOR_KEY } from "./fake-vendor.ts";

const FLOW_MS = 60_000;

/** Goes from the navigation to the form of a preset, and fills it in. */
async function connect(page: Page, preset: string, address: string, key: string): Promise<void> {
  await page.goto("/admin");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Providers" }).click();
  await page.getByRole("link", { name: "Add provider" }).first().click();
  await page.getByRole("link", { name: new RegExp(`^${preset}`) }).click();
  await page.getByLabel("API key").fill(key);
  await page.getByLabel("Address").fill(address);
  await page.getByRole("button", { name: "Add and test" }).click();
}

describePart("chromium", "a provider is added from the console", (chromium) => {
  const started = useConsole(chromium);
  const vendor = new FakeVendor(["gpt-4o", "house-model", "..."]);
  afterAll(() => vendor.stop());

  test(
    "preset, a wrong key, the right key, models with prices, and a program is answered",
    async () => {
      const { page, mischief } = await started.visitAsAdmin();
      await connect(page, "OpenAI", vendor.url, "sk-not-the-key-of-anybody");
      await page.getByRole("alert").getByText("PROVIDER_DISCOVERY_ERROR").waitFor();
      await page.getByLabel("Another API key").fill(VENDOR_KEY);
      await page.getByRole("button", { name: "Use this key" }).click();
      await page.getByText("lists 3 models").waitFor();

      await page.getByLabel("Add gpt-4o").check();
      expect(Number(await page.getByLabel("Price of input of gpt-4o").inputValue())).toBeGreaterThan(0);
      await page.getByLabel("Add house-model").check();
      await page.getByLabel("Name of house-model for programs").fill("Not A Slug");
      await page.getByLabel("Price of input of house-model").fill("1.5");
      await page.getByLabel("Price of output of house-model").fill("0.000123");
      expect(await page.getByLabel("Add ...").isDisabled()).toBe(true);
      await page.getByRole("button", { name: "Add 2 models" }).click();
      await page.getByRole("alert").getByText("VALIDATION_ERROR").waitFor();
      await page.getByText("1 model has been added").waitFor();

      await page.getByLabel("Name of house-model for programs").fill("openai/house-model");
      await page.getByRole("button", { name: "Add 1 model" }).click();
      await page.getByText("2 models have been added").waitFor();
      const body = { model: "openai/house-model", messages: [{ role: "user", content: "Hello" }] };
      const answer = await started.gateway.api("POST", "/v1/inference/chat", { body });
      expect(answer.text).toContain("From the vendor");

      await page.getByRole("link", { name: "Done" }).click();
      await page.getByRole("button", { name: "Check health" }).click();
      await page.getByRole("row", { name: /gpt-4o.*Healthy/ }).waitFor();
      await page.getByText(`…${VENDOR_KEY.slice(-4)}`).waitFor();
      expect(await page.content()).not.toContain(VENDOR_KEY);
      await page.getByRole("link", { name: "Models", exact: true }).click();
      await page.getByRole("row", { name: /openai\/house-model.*\$0\.000123/ }).waitFor();
      expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
    },
    FLOW_MS,
  );

  test("one with backends is not deleted and says by what it is used; one without is", async () => {
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin/providers");
    await page.getByRole("link", { name: "OpenAI" }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete this provider?" });
    await dialog.getByRole("button", { name: "Delete" }).click();
    await dialog.getByText("PROVIDER_HAS_BACKENDS").waitFor();
    await dialog.getByText("openai:gpt-4o").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();

    await connect(page, "Groq", vendor.url, VENDOR_KEY);
    await page.getByText("lists 3 models").waitFor();
    await page.getByRole("link", { name: "Not now" }).click();
    await page.getByRole("button", { name: "Switch off" }).click();
    await page.getByText("Switched off", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { name: "Providers", exact: true }).waitFor();
    expect(await page.getByRole("link", { name: "Groq" }).count()).toBe(0);
  });

  test("what somebody else has changed meanwhile is not overwritten, and can be reloaded", async () => {
    const body = { type: "custom", name: "Shared", base_url: vendor.url };
    const made = await started.gateway.api("POST", "/v1/providers", { body });
    const path = `/v1/providers/${pickText(made.body, "data.id")}`;
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin/providers");
    await page.getByRole("link", { name: "Shared" }).click();
    await page.getByRole("button", { name: "Edit" }).click();
    const dialog = page.getByRole("dialog", { name: "Edit the provider" });
    await dialog.getByLabel("Name").fill("Mine");
    await started.gateway.api("PATCH", path, { body: { name: "Theirs" } });
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("Somebody else has changed this").waitFor();
    await dialog.getByRole("button", { name: "Reload" }).click();
    await dialog.getByText("Somebody else has changed this").waitFor({ state: "detached" });
    expect(await dialog.getByLabel("Name").inputValue()).toBe("Theirs");
    await dialog.getByLabel("Name").fill("Ours");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Ours" }).waitFor();
  });

  test("whoever may not manage the platform is not shown the room, and is refused at its address", async () => {
    const { page } = await started.visitAs(["tenant_admin"]);
    expect(await page.getByRole("link", { name: "Providers" }).count()).toBe(0);
    await page.goto("/admin/providers");
    await page.getByRole("alert").getByText("AUTHZ_PERMISSION_DENIED").waitFor();
    expect(await page.getByText("No providers yet").count()).toBe(0);
  });
});
