import { afterAll, beforeAll } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { startGateway } from "../../../gateway/test/harness/gateway.ts";
import type { Gateway, GatewayOptions } from "../../../gateway/test/harness/gateway.ts";
import { pickText } from "../../../gateway/test/harness/json.ts";
import { launchBrowser, visit } from "./browser.ts";
import type { StoredState, Visit, VisitOptions } from "./browser.ts";

const CLAIM_LINK = /http:\/\/\S+\/admin\/claim#token=\S+/;
const START_TIMEOUT_MS = 30_000;

/** Whom the tests sign in as. */
export const ADMIN = { email: "ada@example.org", password: "correct horse battery staple" } as const;

/** A gateway and a browser for the tests of one file. */
export class Console {
  #gateway: Gateway | undefined;
  #browser: Browser | undefined;
  #state: StoredState | undefined;

  get gateway(): Gateway {
    if (!this.#gateway) throw new Error("the gateway has not been started");
    return this.#gateway;
  }

  /** The one-time link of the first start. */
  get claimLink(): string {
    const link = CLAIM_LINK.exec(this.gateway.output.text)?.[0];
    if (link === undefined) throw new Error(`no claim link was printed:\n${this.gateway.output.text}`);
    return link;
  }

  async start(chromium: string, options: GatewayOptions): Promise<void> {
    [this.#gateway, this.#browser] = await Promise.all([startGateway(options), launchBrowser(chromium)]);
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    await this.#gateway?.stop();
  }

  /** A page in a new profile, of nobody. */
  async visit(options: VisitOptions = {}): Promise<Visit> {
    if (!this.#browser) throw new Error("the browser has not been started");
    return visit(this.#browser, this.gateway.url, options);
  }

  /** A page in a new profile, of the administrator. */
  async visitAsAdmin(options: VisitOptions = {}): Promise<Visit> {
    const path = "/v1/auth/claim";
    if (this.#state === undefined) {
      const token = this.claimLink.split("#token=")[1];
      const claimed = await this.gateway.api("POST", path, { key: undefined, body: { token, ...ADMIN } });
      if (claimed.status !== 200) throw new Error(`the claim failed: ${claimed.text}`);
      const first = await this.visit();
      await signIn(first.page);
      this.#state = await first.state();
      await first.context.close();
    }
    return this.visit({ ...options, state: this.#state });
  }

  /** A page in a new profile, of a new person in the administrator's tenant who has these roles. */
  async visitAs(roles: readonly string[], options: VisitOptions = {}): Promise<Visit> {
    const email = `${crypto.randomUUID()}@example.org`;
    const body = { display_name: "Somebody", email, roles };
    const made = await this.gateway.api("POST", "/v1/users", { body });
    const visitor = await this.visit(options);
    await visitor.page.goto(pickText(made.body, "data.invitation.link"));
    await visitor.page.getByLabel("E-mail").fill(email);
    await visitor.page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
    await visitor.page.getByRole("button", { name: "Set the password" }).click();
    await visitor.page.getByRole("navigation", { name: "Main" }).waitFor();
    return visitor;
  }
}

/** Goes in through the sign-in page. */
export async function signIn(page: Page): Promise<void> {
  await page.goto("/admin");
  await fillCredentials(page);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview", exact: true }).waitFor();
}

/** Types an e-mail and a password, the administrator's where none are given, into whatever form is shown. */
export async function fillCredentials(
  page: Page,
  email: string = ADMIN.email,
  password: string = ADMIN.password,
): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
}

/** A gateway with its console, and a browser, for all tests of the `describe` around. */
export function useConsole(chromium: string, options: GatewayOptions = {}): Console {
  const started = new Console();
  beforeAll(() => started.start(chromium, options), START_TIMEOUT_MS);
  afterAll(() => started.stop(), START_TIMEOUT_MS);
  return started;
}
