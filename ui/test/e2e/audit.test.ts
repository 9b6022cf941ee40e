import { expect, test } from "bun:test";
import { describePart } from "../../../gateway/test/parts.ts";
import { useConsole } from "./console.ts";

describePart("chromium", "the audit log in the console", (chromium) => {
  const started = useConsole(chromium);

  test("a change is found by its filters, opened, and exported; its secret is in none of it", async () => {
    const secret = "sk-a-secret-that-nobody-may-read";
    const body = {
      type: "custom",
      name: "Audited",
      base_url: "http://127.0.0.1:9/v1",
      connection_config: { api_key: secret },
    };
    await started.gateway.api("POST", "/v1/providers", { body });
    const { page, mischief } = await started.visitAsAdmin();
    await page.goto("/admin");
    await page.getByRole("link", { name: "Audit log" }).click();
    await page.getByLabel("Action").fill("provider.create");
    await page.getByRole("button", { name: "Search" }).click();
    await page.waitForURL(/action=provider\.create/);
    await page.getByRole("button", { name: "provider.create" }).click();
    const dialog = page.getByRole("dialog", { name: "provider.create" });
    await dialog.getByText("Audited", { exact: true }).waitFor();
    expect(page.url()).toContain("entry=audit_");
    expect(await page.content()).not.toContain(secret);
    await page.reload();
    await dialog.getByRole("button", { name: "Close" }).click();
    await dialog.waitFor({ state: "detached" });

    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export CSV" }).click();
    const download = await downloading;
    const text = await Bun.file(await download.path()).text();
    expect(download.suggestedFilename()).toMatch(/^audit-log-.*\.csv$/);
    expect(text).toContain("provider.create");
    expect(text).not.toContain("installation.claim");
    expect(text).not.toContain(secret);
    expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
  });

  test("older entries are on further pages, and a filter that means nothing is refused in words", async () => {
    for (let made = 0; made < 60; made++) {
      await started.gateway.api("POST", "/v1/tenants", {
        body: { slug: `t-${made}`, display_name: `T ${made}` },
      });
    }
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin/access/audit-log?action=tenant.create");
    await page.getByRole("button", { name: "Older" }).click();
    await page.waitForURL(/cursor=/);
    await page.getByRole("button", { name: "Newest" }).waitFor();
    await page.goto("/admin/access/audit-log?start=yesterday");
    await page.getByRole("alert").getByText("VALIDATION_ERROR").waitFor();
  });

  test("whoever may not read it is not shown it, and is refused at its address", async () => {
    const { page } = await started.visitAs(["tenant_user"]);
    expect(await page.getByRole("link", { name: "Audit log" }).count()).toBe(0);
    await page.goto("/admin/access/audit-log");
    await page.getByRole("alert").getByText("AUTHZ_PERMISSION_DENIED").waitFor();
  });
});
