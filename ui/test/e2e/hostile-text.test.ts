import { afterAll, beforeAll, expect, test } from "bun:test";
import { addFakeBackend } from "../../../gateway/test/harness/fake-backend.ts";
import type { Gateway } from "../../../gateway/test/harness/gateway.ts";
import { pickText } from "../../../gateway/test/harness/json.ts";
import { describePart } from "../../../gateway/test/parts.ts";
import { useConsole } from "./console.ts";
import { FakeVendor, VENDOR_KEY } from "./fake-vendor.ts";

const SETUP_MS = 60_000;
/** Texts that would run, load or break out if they were ever taken for anything but text. */
const CORPUS = [
  `<script>alert(1)</script>`,
  `<img src=x onerror=alert(2)>`,
  `<img src="https://evil.example/pixel.png">`,
  `"><svg/onload=alert(3)>`,
  `'"--></style></script><iframe srcdoc="<script>parent.alert(4)</script>"></iframe>`,
  "javascript:alert(5)",
  `<a href="javascript:alert(6)">click</a>`,
  "{{constructor.constructor('alert(7)')()}}",
  "${alert(8)}",
  `<style>@import "https://evil.example/x.css";</style>`,
  `<meta http-equiv="refresh" content="0;url=https://evil.example/">`,
  "\u202Egpj.exe\u202C <b>bold</b>",
  `</title><link rel=stylesheet href=//evil.example/x>`,
] as const;
/** Header values hold bytes only. */
const HEADER_CORPUS = CORPUS.filter((text) => /^[\x20-\x7e]+$/.test(text));

function answerHostile(): Response {
  const message = CORPUS.join(" ");
  return Response.json({ error: { message, type: message, code: message } }, { status: 400 });
}

/** One call of a user, so that reports name them. */
async function useSandbox(gateway: Gateway, userId: string): Promise<void> {
  const made = await gateway.api("POST", "/v1/api-keys", { body: { name: "k", assigned_user_id: userId } });
  const body = { model: "scailabs/poolnoodle-omni", messages: [{ role: "user", content: "Hello" }] };
  const answer = await gateway.api("POST", "/v1/inference/chat", {
    key: pickText(made.body, "data.key"),
    body,
  });
  expect(answer.status).toBe(200);
}

describePart("chromium", "text from outside is only ever text", (chromium) => {
  const started = useConsole(chromium, { env: { SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0" } });
  const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", development: false, fetch: answerHostile });
  const requestIds: string[] = [];
  afterAll(() => upstream.stop(true));

  beforeAll(async () => {
    const { gateway } = started;
    const { page, context } = await started.visitAsAdmin();
    await page.goto("/admin/models");
    // Keys of the administrator, so that the console lists them.
    for (const name of CORPUS) {
      const made = await page.evaluate(async (body) => {
        const headers = { "content-type": "application/json" };
        return (await fetch("/v1/api-keys", { method: "POST", headers, body })).status;
      }, JSON.stringify({ name }));
      expect(made).toBe(201);
    }
    await context.close();
    const model = { display_name: CORPUS[1], description: CORPUS[0] };
    const { slug } = await addFakeBackend(gateway, { url: `http://127.0.0.1:${upstream.port}` }, { model });
    for (const text of HEADER_CORPUS) {
      const headers = { "user-agent": text, "x-request-id": text };
      for (const wanted of [slug, text]) {
        const body = { model: wanted, messages: [{ role: "user", content: text }] };
        const answer = await gateway.api("POST", "/v1/inference/chat", { headers, body });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        requestIds.push(pickText(answer.body, "meta.request_id"));
      }
    }
  }, SETUP_MS);

  test("nothing runs, nothing is refused by the policy, nothing is asked of others", async () => {
    const { page, mischief } = await started.visitAsAdmin({ width: 1800 });
    await page.goto("/admin/access/api-keys");
    for (const text of CORPUS) await page.getByText(text, { exact: true }).first().waitFor();
    for (const button of await page.getByRole("button", { name: /^Revoke ./ }).all()) {
      await button.click();
      await page.getByRole("dialog").getByRole("button", { name: "Keep it" }).click();
    }
    await page.goto("/admin/models");
    await page.getByText(CORPUS[1], { exact: true }).waitFor();
    await page.goto("/admin/requests");
    for (const text of HEADER_CORPUS) await page.getByText(text, { exact: true }).first().waitFor();
    for (const id of requestIds) {
      await page.goto(`/admin/requests/${id}`);
      await page.getByRole("heading", { name: "Timeline" }).waitFor();
    }
    await page.goto(`/admin/requests/${encodeURIComponent(`<img src=x onerror=alert(9)>`)}`);
    await page.getByText("No request goes by this id").waitFor();
    await page.goto(`/admin/requests?model=${encodeURIComponent(CORPUS[3])}&outcome=${CORPUS[0]}`);
    await page.getByRole("heading", { name: "Requests", exact: true }).waitFor();
    expect(await page.locator("main img, main iframe, main script, main style, main meta").count()).toBe(0);
    expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
  });

  test("names of providers, their models, users, tenants and roles are text, in the audit log too", async () => {
    const { gateway } = started;
    const vendor = new FakeVendor(CORPUS.filter((text) => /^[^\u202e]*$/.test(text)));
    const config = { base_url: vendor.url, connection_config: { api_key: VENDOR_KEY } };
    let providerId = "";
    for (const [index, text] of CORPUS.entries()) {
      const provider = { type: "custom", name: text, ...config };
      providerId = pickText((await gateway.api("POST", "/v1/providers", { body: provider })).body, "data.id");
      const user = { display_name: text, kind: "service", roles: ["tenant_user"] };
      await useSandbox(
        gateway,
        pickText((await gateway.api("POST", "/v1/users", { body: user })).body, "data.id"),
      );
      const tenant = { slug: `hostile-${index}`, display_name: text };
      const tenantId = pickText((await gateway.api("POST", "/v1/tenants", { body: tenant })).body, "data.id");
      const budget = { scope: "tenant", scope_id: tenantId, period: "daily", request_limit: 5 };
      await gateway.api("POST", "/v1/accounting/budgets", { body: budget });
      const entry = { tenant_id: tenantId, model_id: "*", mark_up_percent: "1" };
      await gateway.api("POST", "/v1/accounting/price-books", { body: entry });
      await gateway.api("POST", "/v1/iam/custom-roles", { body: { slug: `hostile-${index}`, name: text } });
    }
    const { page, mischief } = await started.visitAsAdmin({ width: 1800 });
    for (const room of [
      "/providers",
      "/access/users",
      "/access/tenants",
      "/access/roles",
      "/limits",
      "/prices",
      "/usage?group_by=user",
    ]) {
      await page.goto(`/admin${room}`);
      for (const text of CORPUS) {
        await page.getByText(text, { exact: true }).filter({ visible: true }).first().waitFor();
      }
    }
    await page.goto(`/admin/providers/${providerId}/models`);
    await page.getByText(CORPUS[1], { exact: true }).first().waitFor();
    await page.goto("/admin/access/audit-log?action=tenant.create");
    for (const row of await page.getByRole("button", { name: "tenant.create" }).all()) {
      await row.click();
      await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    }
    expect(await page.locator("main img, main iframe, main script, main style, main meta").count()).toBe(0);
    expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
    await vendor.stop();
  });

  test("an upstream's words are shown to the operator as they are", async () => {
    const { page, mischief } = await started.visitAsAdmin();
    await page.goto(`/admin/requests/${requestIds[0]}`);
    await page.getByText("onerror=alert(2)", { exact: false }).first().waitFor();
    expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
  });

  test("the watch on the page sees what it is there to see", async () => {
    const { page, mischief } = await started.visit();
    await page.goto("/admin/sign-in");
    await page.getByLabel("E-mail").waitFor();
    await page.evaluate(async () => {
      const violation = new Promise((resolve) => {
        document.addEventListener("securitypolicyviolation", resolve, { once: true });
      });
      const image = document.createElement("img");
      image.src = "https://evil.example/pixel.png";
      document.body.append(image);
      await violation;
      alert("seen");
    });
    expect(mischief.dialogs).toEqual(["seen"]);
    expect(mischief.violations.length).toBeGreaterThan(0);
  });

  test("an address after signing in leads nowhere but into the console", async () => {
    const { page } = await started.visit();
    for (const next of [
      "https://evil.example/",
      "//evil.example/",
      "/admin//evil.example",
      "javascript:alert(1)",
    ]) {
      await page.goto(`/admin/sign-in?next=${encodeURIComponent(next)}`);
      await page.getByLabel("E-mail").fill("ada@example.org");
      await page.getByLabel("Password", { exact: true }).fill("correct horse battery staple");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.waitForTimeout(3000);
      await page.getByRole("heading", { name: "Overview", exact: true }).waitFor();
      expect(new URL(page.url()).origin).toBe(started.gateway.url);
    }
  });
});
