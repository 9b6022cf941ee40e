import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { addCaller, type Caller } from "../../../gateway/test/api/tenancy.ts";
import { FaultUpstream } from "../../../gateway/test/fakes/fault-upstream.ts";
import { addFakeBackend } from "../../../gateway/test/harness/fake-backend.ts";
import { pick, pickText } from "../../../gateway/test/harness/json.ts";
import { describePart } from "../../../gateway/test/parts.ts";
import { sumOf } from "../../src/lib/decimal.ts";
import { useConsole } from "./console.ts";

const OTHER_SLUG = "acme/odd-price";
const FLOW_MS = 60_000;
/** An answer of a hundred tokens costs a thousandth, its prompt nothing. */
const PRICES = { input_per_mtok: "0", output_per_mtok: "10" };
const SLUG = "acme/priced";

describePart("chromium", "budgets, prices, usage and calls in the console", (chromium) => {
  const started = useConsole(chromium);
  const upstream = new FaultUpstream();
  let caller: Caller;
  beforeAll(async () => {
    await addFakeBackend(started.gateway, upstream, {
      slug: SLUG,
      plans: ["fake-ok?tokens=100"],
      prices: PRICES,
    });
    await addFakeBackend(started.gateway, upstream, {
      slug: OTHER_SLUG,
      plans: ["fake-ok?tokens=7"],
      prices: { input_per_mtok: "0", output_per_mtok: "0.333333" },
    });
    caller = await addCaller(started.gateway, { roles: ["tenant_user"] });
  }, FLOW_MS);
  afterAll(() => upstream.stop());

  const ask = (model = SLUG) =>
    caller.call("POST", "/v1/inference/chat", {
      model,
      messages: [{ role: "user", content: "twelve bytes" }],
      max_tokens: 100,
    });

  test(
    "a budget is made, refuses, says why and by how much, is raised, and goes again",
    async () => {
      const { page, mischief } = await started.visitAsAdmin();
      await page.goto("/admin/limits");
      await page.getByRole("button", { name: "Add budget" }).first().click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("For", { exact: true }).selectOption("user");
      await dialog.getByLabel("User", { exact: true }).selectOption({ label: "tenant_user" });
      await dialog.getByRole("button", { name: "Add" }).click();
      // Without a limit it is none: said beside the field.
      await dialog.getByText("a budget needs at least one of").first().waitFor();
      await dialog.getByLabel("Cost").fill("0.0025");
      await dialog.getByRole("button", { name: "Add" }).click();
      const card = page.getByRole("article", { name: "Monthly budget of the user tenant_user" });
      await card.getByText("Within its limits").waitFor();

      expect([(await ask()).status, (await ask()).status]).toEqual([200, 200]);
      const refused = await ask();
      expect(refused.status).toBe(429);
      const requestId = pickText(refused.body, "meta.request_id");
      await page.goto("/admin/limits");
      await card.getByRole("img", { name: "$0.002 spent, $0.0005 left of $0.0025" }).waitFor();
      await page.getByRole("list", { name: "Refused lately" }).getByText(requestId).click();
      const answer = page.getByRole("status", { name: "Answer" });
      await answer.getByText("The monthly budget of this user cannot pay for this request.").waitFor();
      const told = await answer.innerText();
      expect(told).toMatch(/Asked for, at the most\s+\$0\.001\s/);
      expect(told).toMatch(/Too much by\s+\$0\.0005\s/);
      expect(told).toContain("max_tokens of at most 50.");
      expect(page.url()).toContain(`request=${requestId}`);

      await card.getByRole("button", { name: /^Edit Monthly budget/ }).click();
      await dialog.getByLabel("Cost").fill("0.003");
      await dialog.getByRole("button", { name: "Save" }).click();
      await card.getByRole("img", { name: "$0.002 spent, $0.001 left of $0.003" }).waitFor();
      expect((await ask()).status).toBe(200);
      await card.getByRole("button", { name: /^Delete Monthly budget/ }).click();
      await dialog.getByRole("button", { name: "Delete" }).click();
      await page.getByText("No budgets yet").waitFor();
      expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
    },
    FLOW_MS,
  );

  test(
    "a mark-up is set, shown with where it comes from, charged, and ended",
    async () => {
      const { page, mischief } = await started.visitAsAdmin();
      await page.goto("/admin/prices");
      await page.getByLabel("Model", { exact: true }).selectOption({ label: SLUG });
      const chain = page.getByRole("region", { name: `How the price of ${SLUG} comes about` });
      await chain.getByText("$0.00 in, $10.00 out").first().waitFor();
      await page.getByRole("button", { name: "Set a price" }).first().click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Mark-up, %").fill("much");
      await dialog.getByRole("button", { name: "Set", exact: true }).click();
      await dialog.getByText("VALIDATION_ERROR").waitFor();
      await dialog.getByLabel("Mark-up, %").fill("20");
      await dialog.getByRole("button", { name: "Set", exact: true }).click();
      const tenant = chain.getByRole("row", { name: /^What the tenant pays/ });
      await tenant.getByText("$0.00 in, $12.00 out").waitFor();
      await tenant.getByText("+20 % on what is above").waitFor();
      const answer = await ask();
      const usage = `/v1/requests/${pickText(answer.body, "meta.request_id")}`;
      expect(pickText((await started.gateway.api("GET", usage)).body, "data.usage.cost")).toBe("0.0012");
      await page.getByRole("button", { name: `End +20 % for ${SLUG}` }).click();
      await dialog.getByRole("button", { name: "End it" }).click();
      await page.getByRole("row", { name: /Ended/ }).waitFor();
      await tenant.getByText("$0.00 in, $10.00 out").waitFor();
      expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
    },
    FLOW_MS,
  );

  test(
    "a model is given a price with a cached and a long-prompt part, which a fault beside its field does not lose",
    async () => {
      const { page, mischief } = await started.visitAsAdmin();
      await page.goto("/admin/prices");
      await page.getByLabel("Model", { exact: true }).selectOption({ label: OTHER_SLUG });
      await page.getByRole("button", { name: "Set the model's price" }).click();
      const dialog = page.getByRole("dialog");
      expect(await dialog.getByLabel("A million tokens out").inputValue()).toBe("0.333333");
      await dialog.getByText("Other prices").click();
      await dialog.getByLabel("A million read from a cache").fill("0.1");
      await dialog.getByRole("button", { name: "Add a price for long prompts" }).click();
      const long = dialog.getByRole("group", { name: "Long prompts 1" });
      await long.getByLabel("Above so many tokens in").fill("200000");
      await long.getByLabel("A million tokens in").fill("much");
      await long.getByLabel("A million tokens out").fill("2");
      await dialog.getByRole("button", { name: "Set", exact: true }).click();
      await long.getByText("must be").waitFor();
      await long.getByLabel("A million tokens in").fill("0.5");
      await dialog.getByRole("button", { name: "Set", exact: true }).click();
      const versions = page.getByRole("region", { name: `Prices of ${OTHER_SLUG}` });
      await versions.getByText("$0.00 in, $0.333333 out, 2 more").click();
      await versions.getByText("Above 200,000 tokens in").waitFor();
      await versions.getByText("Replaced").waitFor();
      const list = await started.gateway.api("GET", "/v1/accounting/price-versions?limit=1");
      expect(pick(list.body, "data.items.0.prices")).toEqual({
        input_per_mtok: "0",
        cached_read_per_mtok: "0.1",
        output_per_mtok: "0.333333",
        tiers: [{ above_input_tokens: 200_000, input_per_mtok: "0.5", output_per_mtok: "2" }],
      });
      expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
    },
    FLOW_MS,
  );

  test(
    "chart, table, file and statement agree to the last digit, and a group is narrowed down to",
    async () => {
      for (const model of [SLUG, OTHER_SLUG, OTHER_SLUG]) expect((await ask(model)).status).toBe(200);
      const { page, mischief } = await started.visitAsAdmin();
      await page.goto("/admin/usage?group_by=model");
      const table = page.getByRole("region", { name: "Usage by group" });
      await table.getByRole("row", { name: /^Total/ }).waitFor();
      const shown = await costsOf(table.locator("tbody tr"));
      const total = await costsOf(table.locator("tfoot tr"));
      expect([sumOf(shown)]).toEqual(total);
      expect(shown).toContain("0.000004666662");

      await page.getByText("The figures of the chart").click();
      const figures = page.getByRole("region", { name: "cost by day, UTC" });
      const days = await figures.locator("tbody tr td:nth-child(2)").allInnerTexts();
      expect([sumOf(days.map(plain))]).toEqual(total);

      const downloading = page.waitForEvent("download");
      await page.getByRole("link", { name: "Export CSV" }).click();
      const costs = columnOf(await Bun.file(await (await downloading).path()).text(), "cost");
      expect([sumOf(costs)]).toEqual(total);

      await page.goto("/admin/usage/statements");
      const statement = page.getByRole("region", { name: "Lines of the statement" });
      await statement.getByRole("row", { name: /^Total/ }).waitFor();
      const columns = await statement.locator("thead th").allInnerTexts();
      const cell = statement.locator("tfoot tr").locator("th, td").nth(columns.indexOf("Cost"));
      expect([plain(await cell.innerText())]).toEqual(total);

      await page.goto("/admin/usage");
      await table.getByRole("link", { name: OTHER_SLUG }).click();
      await page.waitForURL(/model=acme/);
      await page.getByRole("columnheader", { name: "API key" }).waitFor();
      expect(await costsOf(table.locator("tfoot tr"))).toEqual(["0.000004666662"]);
      await page.getByLabel("Chart of").selectOption("tokens");
      await page.getByRole("img", { name: /^tokens by day: \d with usage/ }).waitFor();
      await page.getByLabel("When").selectOption("days");
      await page.getByLabel("First day").fill("2020-01-01");
      await page.getByLabel("Last day").fill("2020-01-01");
      await page.getByText("Nothing was used").waitFor();
      expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
    },
    FLOW_MS,
  );

  test(
    "what is owed is adjusted with a reason; a month is closed when its statement says so, and late lines say of when they are",
    async () => {
      const { page, mischief } = await started.visitAsAdmin();
      await page.goto("/admin/usage/statements");
      await page.getByText("Still running").waitFor();
      await page.getByRole("button", { name: "Adjust" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Amount").fill("much");
      await dialog.getByLabel("Reason").fill("Answers of the first were <b>cut</b>.");
      await dialog.getByRole("button", { name: "Adjust" }).click();
      await dialog.getByText("VALIDATION_ERROR").waitFor();
      await dialog.getByLabel("Amount").fill("-0.000000000001");
      await dialog.getByRole("button", { name: "Adjust" }).click();
      const made = page.getByRole("region", { name: "Adjustments in the statement" });
      await made.getByText("Answers of the first were <b>cut</b>.").waitFor();
      await made.getByText("−$0.000000000001").waitFor();

      const closed = await statementWith(page, { is_over: true, is_closed: true });
      await closed("Closed", "2026-09");
      const open = await statementWith(page, { is_over: true, is_closed: false });
      await open("Ended, still open", "2026-10");
      await page.getByRole("cell", { name: "August 2026, come late" }).waitFor();
      expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
    },
    FLOW_MS,
  );

  test("a call in the playground is refused without a good key, streamed with one, and has its cost", async () => {
    const { page, mischief } = await started.visitAsAdmin();
    await page.goto("/admin/playground");
    await page.getByLabel("Model", { exact: true }).selectOption("scailabs/poolnoodle-omni");
    await page.getByLabel("Message").fill("<img src=x onerror=alert(1)>");
    await page.getByLabel("API key").fill("sgk_nobody");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("alert").getByText("AUTH_TOKEN_INVALID").waitFor();
    await page.getByLabel("API key").fill("");
    await page.getByRole("button", { name: "Make a key for an hour" }).click();
    await page.getByRole("button", { name: "Make a key for an hour" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("Tokens out").waitFor();
    expect(await page.getByTestId("answer").innerText()).toContain("<img src=x onerror=alert(1)>");
    await page
      .locator("dd")
      .getByText(/^\$0\.\d+/)
      .waitFor();
    expect(await page.getByRole("region", { name: "curl code of this call" }).innerText()).toContain(
      '"stream": true',
    );
    await page.getByRole("link", { name: /^req_/ }).click();
    await page.getByRole("heading", { name: "Usage and price" }).waitFor();
    expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
  });

  test("the overview tells the same cost, and the nodes page what can be decided", async () => {
    const { page, mischief } = await started.visitAsAdmin();
    await page.goto("/admin/overview");
    const use = page.locator("dl").filter({ hasText: "Cost this month" });
    const cost = await use.locator("div").filter({ hasText: "Cost this month" }).locator("dd").innerText();
    const reply = await started.gateway.api("GET", "/v1/accounting/usage/summary?period=month");
    const rows = pick(reply.body, "data");
    const costs = Array.isArray(rows) ? rows.map((row) => pickText(row, "total_cost")) : [];
    expect(plain(cost)).toBe(sumOf(costs));

    await page.getByRole("img", { name: /^Requests per second: all \d/ }).waitFor();
    await page.getByRole("img", { name: /^Duration: p50 \d.*, p99 \d/ }).waitFor();
    await page.getByLabel("Over", { exact: true }).selectOption("24");
    await page.waitForURL(/hours=24/);
    await page.getByText("The figures of the charts").click();
    const figures = page.getByRole("region", { name: "Traffic over time" });
    const counts = await figures.locator("tbody tr td:nth-child(2)").allInnerTexts();
    const told = await started.gateway.api("GET", "/v1/accounting/traffic?hours=24");
    const all = counts.reduce((sum, count) => sum + Number(count), 0);
    expect(all).toBeGreaterThan(0);
    expect(pick(told.body, "data.totals.requests")).toBe(all);

    // Only a store that several processes share knows of lost ones: the answer of one stands in.
    const lost = {
      id: "node_01ARZ3NDEKTSV4RRFFQ69G5FAV",
      host: "away",
      version: "1",
      status: "lost",
      started_at: "2026-11-01T00:00:00Z",
      heard_at: "2026-11-01T00:00:00Z",
      holds: 3,
      quarantined: 0,
      current: false,
    };
    const asked: string[] = [];
    await page.route(/\/v1\/nodes(\?.*)?$/, (route) =>
      route.fulfill({ json: { status: "ok", data: { items: [lost] }, pagination: { next_cursor: null } } }),
    );
    await page.route(/\/v1\/nodes\/node_.*\/retire$/, (route) => {
      asked.push(route.request().method());
      return route.fulfill({ json: { status: "ok", data: { ...lost, status: "retired" } } });
    });
    await page.goto("/admin/nodes");
    await page.getByText("Nothing is set aside.").waitFor();
    await page.getByRole("button", { name: `Retire ${lost.id}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Retire" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(asked).toEqual(["POST"]);
    expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
  });
});

/** No month of this installation has ended: the answer for one that has stands in. Shows it, and waits for its badge. */
async function statementWith(
  page: Page,
  state: { readonly is_over: boolean; readonly is_closed: boolean },
): Promise<(badge: string, month: string) => Promise<void>> {
  const used = { request_count: 1, input_tokens: 1, output_tokens: 1, cost: "1" };
  const data = {
    ...state,
    time_zone: "UTC",
    starts_at: "2026-09-01T00:00:00Z",
    ends_at: "2026-10-01T00:00:00Z",
    currency: "USD",
    lines: [{ ...used, tenant_id: "tenant_away", model: SLUG, for_month: "2026-08" }],
    adjustments: [],
    totals: { ...used, adjustments: "0", due: "1" },
  };
  await page.route(/\/v1\/accounting\/statements\//, (route) =>
    route.fulfill({ json: { status: "ok", data, meta: { request_id: "req_away" } } }),
  );
  return async (badge, month) => {
    await page.goto(`/admin/usage/statements?month=${month}`);
    await page.getByText(badge, { exact: true }).waitFor();
  };
}

/** The amount of money in each of several rows. */
async function costsOf(rows: Locator): Promise<string[]> {
  const texts = await rows.allInnerTexts();
  return texts.map((text) => plain(/\$[\d,.]+/.exec(text)?.[0] ?? ""));
}

/** One column of a file: its heading is plain, its cells are quoted. */
function columnOf(csv: string, name: string): string[] {
  const [heading = "", ...lines] = csv.trim().split(/\r?\n/);
  const at = heading.split(",").indexOf(name);
  return lines.map(
    (line) => Array.from(line.matchAll(/"((?:[^"]|"")*)"/g), ([, cell = ""]) => cell)[at] ?? "",
  );
}

/** "$1,234.50" as the API tells it. */
function plain(money: string): string {
  return sumOf([money.replaceAll(/[$,]/g, "")]);
}
