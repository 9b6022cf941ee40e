import { describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { describePart } from "../../../gateway/test/parts.ts";
import { KEY_PATTERN } from "../../../gateway/test/harness/keys.ts";
import { fillCredentials, useConsole } from "./console.ts";

/** Runs a line of shell as a reader would who has pasted it. */
async function runShell(line: string): Promise<string> {
  const shell = Bun.spawn(["sh", "-c", line], { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  const said = await new Response(shell.stdout).text();
  await shell.exited;
  return said;
}

function clipboard(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Goes forward with Tab until the focus is on what has this name, as someone without a mouse does. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined;
      return (element?.getAttribute("aria-label") ?? label ?? element?.textContent ?? "").trim();
    });
    if (focused === name) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the focus never came to “${name}”`);
}

/** What the page says of the first request: its id, once it is green. */
async function greenRequestId(page: Page): Promise<string> {
  const status = page.locator('[data-testid="first-request"][data-state="green"]');
  await status.waitFor();
  const id = /req_[0-9A-Z]{26}/.exec((await status.textContent()) ?? "")?.[0];
  if (id === undefined) throw new Error("the green status names no request");
  return id;
}

describePart("chromium", "from an unclaimed installation to the first trace", (chromium) => {
  describe("with the mouse", () => {
    const started = useConsole(chromium);

    test("claim, create, copy, the curl shown works, green, trace", async () => {
      const { page, mischief } = await started.visit();
      await page.goto(started.claimLink);
      await fillCredentials(page);
      await page.getByRole("button", { name: "Create the administrator" }).click();
      await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "API Keys" }).click();
      await page.getByRole("link", { name: "Create API key" }).first().click();
      await page.getByLabel("Name").fill("Support chatbot");
      await page.getByRole("button", { name: "Create", exact: true }).click();
      await page.getByText("Waiting for the first request").waitFor();

      await page.getByRole("button", { name: "Copy: API key" }).click();
      const key = await clipboard(page);
      expect(key).toMatch(KEY_PATTERN);
      await page.getByRole("button", { name: "Copy: curl snippet" }).click();
      const curl = await clipboard(page);
      expect(curl).toContain(key);
      expect(await runShell(curl)).toContain('"status":"ok"');

      const id = await greenRequestId(page);
      await page.getByRole("link", { name: "See its trace" }).click();
      await page.getByRole("heading", { name: "Timeline" }).waitFor();
      expect(await page.getByRole("heading", { level: 1 }).textContent()).toContain(id);
      expect(page.url()).toEndWith(`/admin/requests/${id}`);
      expect(await page.getByText("$0.000", { exact: false }).count()).toBeGreaterThan(0);
      expect(mischief).toMatchObject({ dialogs: [], violations: [], foreignRequests: [] });
    });
  });

  describe("once signed in", () => {
    const started = useConsole(chromium);

    test("after closing, only the beginning and the last four are left", async () => {
      const { page } = await started.visitAsAdmin();
      await page.goto("/admin/access/api-keys/new");
      await page.getByLabel("Name").fill("Closed");
      await page.getByRole("button", { name: "Create", exact: true }).click();
      const key = (await page.getByTestId("key").textContent()) ?? "";
      await page.getByRole("button", { name: "Done" }).click();
      const row = page.getByRole("row", { name: /Closed/ });
      await row.waitFor();
      expect(await row.textContent()).toContain(`…${key.slice(-4)}`);
      expect(await page.content()).not.toContain(key);
      await page.goBack();
      await page.getByLabel("Name").waitFor();
      expect(await page.content()).not.toContain(key);
    });

    test("the .env file holds this address and the key", async () => {
      const { page } = await started.visitAsAdmin();
      await page.goto("/admin/access/api-keys/new");
      await page.getByLabel("Name").fill("From a file");
      await page.getByRole("button", { name: "Create", exact: true }).click();
      const key = (await page.getByTestId("key").textContent()) ?? "";
      const downloading = page.waitForEvent("download");
      await page.getByRole("button", { name: "Download .env" }).click();
      const path = await (await downloading).path();
      expect(await Bun.file(path).text()).toBe(
        `SCAIGRID_BASE_URL=${started.gateway.url}\nSCAIGRID_API_KEY=${key}\n`,
      );
    });

    test("a double click on Create makes one key", async () => {
      const { page } = await started.visitAsAdmin();
      let creations = 0;
      page.on("request", (request) => {
        if (request.method() === "POST" && request.url().endsWith("/v1/api-keys")) creations++;
      });
      await page.goto("/admin/access/api-keys/new");
      await page.getByLabel("Name").fill("Clicked twice");
      // Faster than any hand, so that nothing is drawn in between.
      await page.getByRole("button", { name: "Create", exact: true }).evaluate((button) => {
        if (!(button instanceof HTMLElement)) return;
        button.click();
        button.click();
      });
      await page.getByTestId("key").waitFor();
      await page.getByRole("button", { name: "Done" }).click();
      await page
        .getByRole("row", { name: /Clicked twice/ })
        .first()
        .waitFor();
      expect(await page.getByRole("row", { name: /Clicked twice/ }).count()).toBe(1);
      expect(creations).toBe(1);
    });

    test("revoking asks first, names the use of the last 24 hours, and ends the key", async () => {
      const { page } = await started.visitAsAdmin();
      await page.goto("/admin/access/api-keys/new");
      await page.getByLabel("Name").fill("Soon revoked");
      await page.getByRole("button", { name: "Create", exact: true }).click();
      const key = (await page.getByTestId("key").textContent()) ?? "";
      await runShell((await page.getByRole("region", { name: "curl snippet" }).textContent()) ?? "");
      await greenRequestId(page);
      await page.getByRole("button", { name: "Done" }).click();
      await page.getByRole("button", { name: "Revoke Soon revoked" }).click();
      const dialog = page.getByRole("dialog", { name: "Revoke this API key?" });
      await dialog.getByText("1 request in the last 24 hours").waitFor();
      await dialog.getByRole("button", { name: "Keep it" }).click();
      expect((await started.gateway.api("GET", "/v1/me", { key })).status).toBe(200);
      await page.getByRole("button", { name: "Revoke Soon revoked" }).click();
      await dialog.getByRole("button", { name: "Revoke" }).click();
      await page.getByRole("row", { name: /Soon revoked.*Revoked/ }).waitFor();
      expect((await started.gateway.api("GET", "/v1/me", { key })).status).toBe(401);
    });
  });

  describe("by keyboard alone", () => {
    const started = useConsole(chromium);

    test("claim, create, copy, the curl shown works, green, trace", async () => {
      const { page } = await started.visit();
      const { keyboard } = page;
      await page.goto(started.claimLink);
      await tabTo(page, "E-mail");
      await keyboard.type("ada@example.org");
      await tabTo(page, "Password");
      await keyboard.type("correct horse battery staple");
      await keyboard.press("Enter");
      await page.getByRole("heading", { name: "Overview", exact: true }).waitFor();
      await page.getByRole("link", { name: "Create an API key" }).waitFor();
      await tabTo(page, "Create an API key");
      await keyboard.press("Enter");
      await page.getByLabel("Name").waitFor();
      await tabTo(page, "Name");
      await keyboard.type("Made without a mouse");
      await keyboard.press("Enter");
      await page.getByText("Waiting for the first request").waitFor();
      await tabTo(page, "Copy: API key");
      await keyboard.press("Enter");
      expect(await clipboard(page)).toMatch(KEY_PATTERN);
      await tabTo(page, "curl");
      await keyboard.press("ArrowRight");
      await page.getByRole("region", { name: "Python snippet" }).waitFor();
      await keyboard.press("ArrowLeft");
      await tabTo(page, "Copy: curl snippet");
      await keyboard.press("Enter");
      expect(await runShell(await clipboard(page))).toContain('"status":"ok"');
      const id = await greenRequestId(page);
      await tabTo(page, "See its trace");
      await keyboard.press("Enter");
      await page.getByRole("heading", { name: "Timeline" }).waitFor();
      expect(page.url()).toEndWith(id);
    });
  });
});
