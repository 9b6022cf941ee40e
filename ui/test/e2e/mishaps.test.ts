import { afterAll, beforeAll, expect, test } from "bun:test";
import { startGateway } from "../../../gateway/test/harness/gateway.ts";
import type { Gateway } from "../../../gateway/test/harness/gateway.ts";
import { describePart } from "../../../gateway/test/parts.ts";
import { fillCredentials, useConsole } from "./console.ts";

const FIRST_LOAD_BYTES_MAX = 250_000;

/** A port that was free a moment ago, for a gateway that keeps it over a restart. */
function freePort(): number {
  const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const { port } = probe;
  probe.stop(true);
  return port;
}

describePart("chromium", "what goes wrong while a page is open", (chromium) => {
  const started = useConsole(chromium, { env: { SCAIGRID_PORT: String(freePort()) } });

  test("the first load is at most 250 kB, compressed", async () => {
    const { page, mischief } = await started.visit();
    let bytes = 0;
    const measuring: Promise<void>[] = [];
    page.on("response", (response) => {
      const type = response.headers()["content-type"] ?? "";
      if (!/html|javascript|css|svg/.test(type)) return;
      measuring.push(
        response.body().then((body) => void (bytes += Bun.gzipSync(new Uint8Array(body)).length)),
      );
    });
    await page.goto("/admin");
    await page.getByLabel("E-mail").waitFor();
    await Promise.all(measuring);
    expect(measuring.length).toBeGreaterThanOrEqual(3);
    expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_BYTES_MAX);
    expect(mischief.foreignRequests).toEqual([]);
  });

  test("a session that ends in mid-form keeps what was typed and asks to sign in again", async () => {
    const { page, context } = await started.visitAsAdmin();
    await page.goto("/admin/access/api-keys/new");
    await page.getByLabel("Name").fill("Typed before the end");
    await page.getByText("More").click();
    await page.getByLabel("Expires").selectOption({ label: "In 30 days" });
    await context.clearCookies();
    await page.getByRole("button", { name: "Create", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Your session has ended" });
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    expect(await dialog.isVisible()).toBe(true);
    await dialog.getByLabel("Password", { exact: true }).fill("correct horse battery staple");
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await page.getByLabel("Name").inputValue()).toBe("Typed before the end");
    expect(await page.getByLabel("Expires").inputValue()).toBe("30");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByTestId("key").waitFor();
  });

  test("without a session an address leads through the sign-in to its page", async () => {
    const { page } = await started.visit();
    await page.goto("/admin/requests?outcome=refused");
    await fillCredentials(page);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Requests", exact: true }).waitFor();
    expect(page.url()).toEndWith("/admin/requests?outcome=refused");
    expect(await page.getByLabel("Outcome").inputValue()).toBe("refused");
  });

  test("signing out ends the session and shows nothing of it to the next person", async () => {
    const { page } = await started.visit();
    await page.goto("/admin");
    await fillCredentials(page);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.goto("/admin/access/api-keys");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });

  test("a wrong password is told with code, hint and request id", async () => {
    const { page } = await started.visit();
    await page.goto("/admin/sign-in");
    await page.getByLabel("E-mail").fill("ada@example.org");
    await page.getByLabel("Password", { exact: true }).fill("not the password at all");
    await page.getByRole("button", { name: "Sign in" }).click();
    const alert = page.getByRole("alert");
    await alert.getByText("AUTH_TOKEN_INVALID").waitFor();
    expect(await alert.textContent()).toMatch(/req_[0-9A-Z]{26}/);
  });

  test("a claim link that has been used says so", async () => {
    const { page } = await started.visit();
    await page.goto(started.claimLink);
    await fillCredentials(page);
    await page.getByRole("button", { name: "Create the administrator" }).click();
    await page.getByRole("alert").getByText("AUTH_FLOW_INVALID").waitFor();
    await page.getByRole("alert").getByText("npx scaigrid admin reset").waitFor();
  });

  test("a gateway that restarts under the page is announced, and the page recovers by itself", async () => {
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin/requests?live=true");
    await page.getByRole("heading", { name: "Requests", exact: true }).waitFor();
    await started.gateway.terminate();
    await page.getByText("The gateway does not answer").waitFor();
    await started.gateway.restart();
    await page.getByText("The gateway answers again").waitFor();
    await page.getByText("No requests yet").waitFor();
    await page.getByRole("link", { name: "Models" }).click();
    await page.getByText("Sandbox").waitFor();
  });
});

describePart("chromium", "what a role may not do is not shown", (chromium) => {
  const started = useConsole(chromium);
  let other: Gateway;
  beforeAll(async () => {
    other = await startGateway();
  });
  afterAll(() => other.stop());

  test("an administrator sees every room, and only rooms that work", async () => {
    const { page } = await started.visitAsAdmin();
    await page.goto("/admin");
    const navigation = page.getByRole("navigation", { name: "Main" });
    await navigation.waitFor();
    expect(await navigation.getByRole("link").allTextContents()).toEqual([
      "Overview",
      "Playground",
      "Models",
      "Prices",
      "Providers",
      "Routing",
      "Requests",
      "Usage",
      "Limits",
      "Nodes",
      "Settings",
      "API Keys",
      "Users",
      "Groups",
      "Roles",
      "Model access",
      "Tenants",
      "Partners",
      "Audit log",
    ]);
  });

  test("a session of one gateway is nothing to another", async () => {
    const { page } = await started.visitAsAdmin();
    await page.goto(`${other.url}/admin/models`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });
});
