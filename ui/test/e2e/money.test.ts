import { afterAll, beforeAll, expect, test } from "bun:test";
import { addCaller, type Caller } from "../../../gateway/test/api/tenancy.ts";
import { FaultUpstream } from "../../../gateway/test/fakes/fault-upstream.ts";
import { addFakeBackend } from "../../../gateway/test/harness/fake-backend.ts";
import { pickText } from "../../../gateway/test/harness/json.ts";
import { describePart } from "../../../gateway/test/parts.ts";
import { useConsole } from "./console.ts";

const FLOW_MS = 60_000;
/** An answer of a hundred tokens costs a thousandth, its prompt nothing. */
const PRICES = { input_per_mtok: "0", output_per_mtok: "10" };
const SLUG = "acme/priced";

describePart("chromium", "budgets and usage in the console", (chromium) => {
  const started = useConsole(chromium);
  const upstream = new FaultUpstream();
  let caller: Caller;
  beforeAll(async () => {
    await addFakeBackend(started.gateway, upstream, {
      slug: SLUG,
      plans: ["fake-ok?tokens=100"],
      prices: PRICES,
    });
    caller = await addCaller(started.gateway, { roles: ["tenant_user"] });
  }, FLOW_MS);
  afterAll(() => upstream.stop());

  const ask = (maxTokens = 100) =>
    caller.call("POST", "/v1/inference/chat", {
      model: SLUG,
      messages: [{ role: "user", content: "twelve bytes" }],
      max_tokens: maxTokens,
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
});
