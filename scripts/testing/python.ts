import { join } from "node:path";
import { madeOnce, run } from "../repository.ts";

const HTTPX = "httpx==0.28.1";
const STEP_MS_MAX = 300_000;

/** A Python that has httpx, in a virtual environment of its own. Throws with the reason where that is impossible. */
export async function preparePython(): Promise<string> {
  const python = Bun.which("python3");
  if (python === null) throw new Error("python3 is not installed");
  const folder = await madeOnce("python", async (draft) => {
    console.error(`Installing ${HTTPX} for Python (once)…`);
    await makeEnvironment(python, draft);
    const pip = [
      join(draft, "bin", "python"),
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      HTTPX,
    ];
    const install = await run(pip, { timeoutMs: STEP_MS_MAX });
    if (!install.ok) throw new Error(`pip install ${HTTPX} failed: ${install.output.trim().slice(-500)}`);
  });
  return join(folder, "bin", "python");
}

async function makeEnvironment(python: string, folder: string): Promise<void> {
  const command = [python, "-m", "venv", "--clear", folder];
  const first = await run(command, { timeoutMs: STEP_MS_MAX });
  if (first.ok) return;
  // Debian ships venv without the pip it needs in a package of its own.
  if (process.getuid?.() !== 0 || Bun.which("apt-get") === null) {
    throw new Error(`python3 -m venv failed: ${first.output.trim().slice(-500)}`);
  }
  console.error("Installing python3-venv (once)…");
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run(["apt-get", "update"], { timeoutMs: STEP_MS_MAX });
  await run(["apt-get", "install", "-y", "--no-install-recommends", "python3-venv"], {
    timeoutMs: STEP_MS_MAX,
    env,
  });
  const second = await run(command, { timeoutMs: STEP_MS_MAX });
  if (!second.ok) throw new Error(`python3 -m venv failed: ${second.output.trim().slice(-500)}`);
}
