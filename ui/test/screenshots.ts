/**
 * Takes the pictures of the guide: `bun ui/test/screenshots.ts CHROMIUM`. Starts a gateway of its own with a few
 * models and requests, and writes into `docs/images/`.
 */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { FaultUpstream } from "../../gateway/test/fakes/fault-upstream.ts";
import { addFakeBackend } from "../../gateway/test/harness/fake-backend.ts";
import type { Gateway } from "../../gateway/test/harness/gateway.ts";
import { pickText } from "../../gateway/test/harness/json.ts";
import { buildUi } from "../build.ts";
import { Console, fillCredentials } from "./e2e/console.ts";
import { FakeVendor, VENDOR_KEY } from "./e2e/fake-vendor.ts";

const ROOT = join(import.meta.dir, "../..");
const IMAGES = join(ROOT, "docs", "images");
const WINDOW = { width: 1280, height: 800 } as const;
const SANDBOX = "scailabs/poolnoodle-omni";
const STEADY = "acme/assistant";
const FLAKY = "acme/small";
const chromium = process.argv[2] ?? process.env["SCAIGRID_TEST_CHROMIUM"] ?? "/usr/bin/chromium";

async function shoot(page: Page, name: string, isWhole = false): Promise<void> {
  await page.screenshot({ path: join(IMAGES, `${name}.png`), fullPage: isWhole });
}

/** A model that always answers, and one whose provider fails the first time. */
async function addModels(gateway: Gateway, upstream: FaultUpstream): Promise<void> {
  await addFakeBackend(gateway, upstream, {
    slug: STEADY,
    plans: ["fake-ok?tokens=180&ms=1&first_ms=40"],
    model: { display_name: "Assistant" },
  });
  await addFakeBackend(gateway, upstream, {
    slug: FLAKY,
    plans: ["fake-status?code=503&times=1"],
    prices: { input_per_mtok: "0.15", output_per_mtok: "0.60" },
    model: { display_name: "Small and fast" },
  });
}

async function ask(gateway: Gateway, key: string, model: string, agent: string): Promise<string> {
  const body = { model, messages: [{ role: "user", content: "Name three rivers." }] };
  const headers = { "user-agent": agent };
  const answer = await gateway.api("POST", "/v1/inference/chat", { key, body, headers });
  return answer.headers.get("x-scaigrid-request-id") ?? "";
}

async function createKey(page: Page, name: string): Promise<string> {
  await page.goto("/admin/access/api-keys/new");
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("tab", { name: "curl" }).waitFor();
  return (await page.getByTestId("key").textContent()) ?? "";
}

/** From the presets to the choice among a provider's models. */
async function takeProviders(page: Page): Promise<void> {
  const vendor = new FakeVendor(["gpt-4.1", "gpt-4o", "gpt-4o-mini", "o3", "house-model"]);
  await page.goto("/admin/providers/new");
  await page.getByRole("link", { name: /^OpenAI/ }).click();
  await page.getByLabel("API key").fill(VENDOR_KEY);
  await page.getByLabel("Address").fill(vendor.url);
  await page.getByRole("button", { name: "Add and test" }).click();
  await page.getByLabel("Add gpt-4o", { exact: true }).check();
  await page.getByLabel("Add gpt-4o-mini", { exact: true }).check();
  await shoot(page, "provider-models");
  await page.getByRole("button", { name: "Add 2 models" }).click();
  await page.getByText("2 models have been added").waitFor();
  await page.goto("/admin/providers");
  await page.getByText("OpenAI").first().waitFor();
  await shoot(page, "providers");
  await vendor.stop();
}

/** What was used, the limit of it, and a call of one's own. */
async function takeMoney(page: Page, gateway: Gateway): Promise<void> {
  const me = await gateway.api("GET", "/v1/me");
  const budget = { scope: "tenant", scope_id: pickText(me.body, "data.tenant.id"), period: "monthly" };
  const limits = { cost_limit: "0.004", token_limit: 1_000 };
  await gateway.api("POST", "/v1/accounting/budgets", { body: { ...budget, ...limits } });
  await page.goto("/admin/limits");
  await page.getByRole("article").first().waitFor();
  await shoot(page, "limits");
  await page.goto("/admin/usage");
  await page.getByText("The figures of the chart").waitFor();
  await shoot(page, "usage");
  await page.goto("/admin/overview");
  await page.getByText("Cost this month").waitFor();
  await page.getByRole("img", { name: /^Duration/ }).waitFor();
  await shoot(page, "overview");
}

async function takeAll(started: Console, upstream: FaultUpstream): Promise<void> {
  const { gateway } = started;
  const visitor = await started.visit(WINDOW);
  const { page, context } = visitor;
  await page.goto(started.claimLink);
  await fillCredentials(page);
  await shoot(page, "claim");
  await page.getByRole("button", { name: "Create the administrator" }).click();
  await page.getByRole("heading", { name: "Overview", exact: true }).waitFor();

  const nightly = await createKey(page, "Nightly evaluation");
  const key = await createKey(page, "Support chatbot, production");
  await shoot(page, "key-created");
  await ask(gateway, key, SANDBOX, "curl/8.9.1");
  await page.locator('[data-state="green"]').waitFor();
  await shoot(page, "first-request");

  await addModels(gateway, upstream);
  for (const model of [SANDBOX, FLAKY, FLAKY, "acme/unknown"])
    await ask(gateway, nightly, model, "python-httpx/0.28.1");
  const traced = await ask(gateway, key, STEADY, "openai-python/2.1");
  await page.goto("/admin/access/api-keys");
  await page.getByText("Support chatbot").waitFor();
  await shoot(page, "api-keys");
  await page.goto("/admin/models");
  await page.getByText(FLAKY).waitFor();
  await shoot(page, "models");
  await takeProviders(page);
  await page.goto("/admin/requests");
  await page.getByText(traced).waitFor();
  await shoot(page, "requests");
  await page.goto(`/admin/requests/${traced}`);
  await page.getByRole("heading", { name: "Timeline" }).waitFor();
  await shoot(page, "trace", true);

  await takeMoney(page, gateway);

  const dark = await started.visit({ ...WINDOW, colorScheme: "dark", state: await visitor.state() });
  await dark.page.goto(`/admin/requests/${traced}`);
  await dark.page.getByRole("heading", { name: "Timeline" }).waitFor();
  await shoot(dark.page, "trace-dark");
  await Promise.all([context.close(), dark.context.close()]);
}

await buildUi(join(ROOT, "ui", "dist"));
const upstream = new FaultUpstream();
const started = new Console();
try {
  await started.start(chromium, {});
  await takeAll(started, upstream);
} finally {
  await started.stop();
  upstream.stop();
}
