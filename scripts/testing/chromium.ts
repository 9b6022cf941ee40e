import { run } from "../repository.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const INSTALL_MS_MAX = 600_000;
const STEP_MS_MAX = 30_000;

/** The path of a Chromium that starts. Throws with the reason where there is none to be had. */
export async function prepareChromium(): Promise<string> {
  const path = find() ?? (await installWithApt());
  const version = await run([path, "--version"], { timeoutMs: STEP_MS_MAX });
  if (!version.ok) throw new Error(`${path} does not start: ${version.output.trim().slice(-500)}`);
  return path;
}

function find(): string | undefined {
  for (const name of NAMES) {
    const path = Bun.which(name);
    if (path !== null) return path;
  }
  return undefined;
}

async function installWithApt(): Promise<string> {
  if (process.getuid?.() !== 0 || Bun.which("apt-get") === null) throw new Error("Chromium is not installed");
  console.error("Installing Chromium (once)…");
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run(["apt-get", "update"], { timeoutMs: INSTALL_MS_MAX });
  const install = await run(["apt-get", "install", "-y", "--no-install-recommends", "chromium"], {
    timeoutMs: INSTALL_MS_MAX,
    env,
  });
  const path = find();
  if (!install.ok || path === undefined) {
    throw new Error(`apt-get failed: ${install.output.trim().slice(-500)}`);
  }
  return path;
}
