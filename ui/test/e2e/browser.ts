import { chromium } from "playwright-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";

const ACTION_TIMEOUT_MS = 15_000;

/** What a page must never do, as it happens. */
export interface Mischief {
  readonly dialogs: string[];
  readonly violations: string[];
  readonly foreignRequests: string[];
  readonly consoleErrors: string[];
}

/** A page in a browser profile of its own, with what it did wrong. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly mischief: Mischief;
  /** Its cookies and storage, for another visit. */
  state(): Promise<StoredState>;
}

export type StoredState = NonNullable<BrowserContextOptions["storageState"]>;

export interface VisitOptions {
  readonly colorScheme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
  readonly state?: StoredState | undefined;
}

/** Starts Chromium. */
export function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}

/** Opens an empty page that may talk to `origin` alone. */
export async function visit(browser: Browser, origin: string, options: VisitOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: origin,
    colorScheme: options.colorScheme ?? "light",
    reducedMotion: "reduce",
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    ...(options.state !== undefined && { storageState: options.state }),
  });
  context.setDefaultTimeout(ACTION_TIMEOUT_MS);
  const mischief: Mischief = { dialogs: [], violations: [], foreignRequests: [], consoleErrors: [] };
  await context.exposeFunction("reportViolation", (what: string) => void mischief.violations.push(what));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const report: unknown = Reflect.get(window, "reportViolation");
      if (typeof report === "function") report(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  const page = await context.newPage();
  page.on("dialog", (dialog) => {
    mischief.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    const isOwn = url.origin === origin || url.protocol === "blob:" || url.protocol === "data:";
    if (!isOwn) mischief.foreignRequests.push(request.url());
  });
  page.on("console", (message) => {
    if (message.type() === "error") mischief.consoleErrors.push(message.text());
  });
  page.on("pageerror", (error) => void mischief.consoleErrors.push(String(error)));
  return { page, context, mischief, state: () => context.storageState() };
}
