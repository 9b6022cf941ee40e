#!/usr/bin/env node
/**
 * Runs the gateway's command line, or with `--script FILE` a TypeScript file of this repository, with the Bun
 * that this repository pins. Plain Node without dependencies: it installs what is missing first.
 *
 *   node scripts/run.mjs up                          the gateway
 *   node scripts/run.mjs --dev up                    the gateway, restarted on every change of its source
 *   node scripts/run.mjs --script scripts/test.ts    a script of the repository
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_MIN = 20;
const INSTALL_WAIT_MS_MAX = 600_000;
const INSTALL_POLL_MS = 200;
/** Below this size it is the stub that stands in for the binary until an install script has moved it there. */
const BUN_BYTES_MIN = 1_000_000;
/** What Bun reads once, from the environment, before anything runs: as in `gateway/src/main/runtime-environment.ts`. */
const RUNTIME_ENVIRONMENT = {
  BUN_CONFIG_MAX_HTTP_REQUESTS: "65535",
  MIMALLOC_PURGE_HOLES_MIN_INTERVAL: "2000",
};
const FORWARDED_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const MODULES = join(ROOT, "node_modules");
const LOCK = join(ROOT, ".cache", "install.lock");
const UI = join(ROOT, "ui");
const SOURCE = join(ROOT, "gateway", "src");
const PROGRAM = join(ROOT, "gateway", "dist", "main.js");
const BUILD_PROGRAM = join(ROOT, "scripts", "build-program.ts");

class Failure extends Error {}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** The packages a lock file names, without links, workspaces and those that fit other platforms only. */
function lockedPackages(lock, withDevelopment) {
  return Object.entries(lock?.packages ?? {}).filter(
    ([path, entry]) =>
      path.startsWith("node_modules/") && !entry.link && !entry.optional && (withDevelopment || !entry.dev),
  );
}

/** Whether node_modules is what package-lock.json asks for: npm writes what it installed as its last step. */
function isInstalled(withDevelopment) {
  const wanted = readJson(join(ROOT, "package-lock.json"));
  if (wanted === undefined) return findBun() !== undefined;
  const installed = readJson(join(MODULES, ".package-lock.json"))?.packages ?? {};
  return lockedPackages(wanted, withDevelopment).every(
    ([path, entry]) => installed[path]?.version === entry.version,
  );
}

function hasDevelopmentPackages() {
  const lock = readJson(join(MODULES, ".package-lock.json"));
  return Object.values(lock?.packages ?? {}).some((entry) => entry.dev);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Takes the lock, or says why not. A lock whose owner is gone is removed. */
function tryLock() {
  try {
    mkdirSync(dirname(LOCK), { recursive: true });
    writeFileSync(LOCK, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw new Failure(`Cannot write to ${ROOT} (${error.code}).`);
  }
  const age = Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  const owner = Number(existsSync(LOCK) ? readFileSync(LOCK, "utf8") : 0);
  // An empty file is a lock that is being written.
  if (age > INSTALL_WAIT_MS_MAX || (owner > 0 && !isAlive(owner))) rmSync(LOCK, { force: true });
  return false;
}

/** Does a piece of work unless it is done, while every other start on this checkout waits. */
async function once(isDone, work) {
  const deadline = Date.now() + INSTALL_WAIT_MS_MAX;
  while (!isDone()) {
    if (tryLock()) {
      try {
        // Another start may have finished between the look and the lock.
        if (!isDone()) await work();
      } finally {
        rmSync(LOCK, { force: true });
      }
      return;
    }
    if (Date.now() > deadline) {
      throw new Failure(`Another start has been installing for too long. Remove ${LOCK} if none is running.`);
    }
    await new Promise((done) => setTimeout(done, INSTALL_POLL_MS));
  }
}

function installOnce(withDevelopment) {
  return once(
    () => isInstalled(withDevelopment),
    () => install(withDevelopment || hasDevelopmentPackages()),
  );
}

/** Whether the built console is there and no source of it is newer. */
function isConsoleBuilt() {
  const built = statSync(join(UI, "dist", "index.html"), { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return false;
  const sources = readdirSync(join(UI, "src"), { recursive: true }).map((name) => join(UI, "src", name));
  return [join(UI, "build.ts"), ...sources].every((path) => statSync(path).mtimeMs <= built);
}

/** The console is not in the repository: the first start builds it, in about a second. */
async function buildConsole(bun) {
  process.stderr.write("Building the admin console (once)…\n");
  const code = await runChild(bun, [join(UI, "build.ts")], { cwd: ROOT, stdio: ["ignore", "ignore", 2] });
  if (code !== 0)
    throw new Failure(`Building the admin console failed (${code}). The messages above say why.`);
}

/** Whether the program is there and nothing it is made of is newer. */
function isProgramBuilt() {
  const built = statSync(PROGRAM, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return false;
  const sources = readdirSync(SOURCE, { recursive: true }).map((name) => join(SOURCE, name));
  const packages = [join(MODULES, ".package-lock.json"), join(ROOT, "package.json")];
  return [BUILD_PROGRAM, ...packages, SOURCE, ...sources].every((path) => statSync(path).mtimeMs <= built);
}

/** The program is not in the repository either: what is started first after a change builds it, in half a second. */
async function buildProgram(bun) {
  const code = await runChild(bun, [BUILD_PROGRAM], { cwd: ROOT, stdio: ["ignore", "ignore", 2] });
  if (code !== 0) throw new Failure(`Building the gateway failed (${code}). The messages above say why.`);
}

async function install(withDevelopment) {
  process.stderr.write("Installing dependencies (once)…\n");
  const command = existsSync(join(ROOT, "package-lock.json")) ? "ci" : "install";
  const scope = withDevelopment ? "--include=dev" : "--omit=dev";
  const args = [command, scope, "--no-audit", "--no-fund", "--loglevel=error"];
  // npm's own path where npm started us: the one on PATH may be another, or missing.
  const npm = process.env["npm_execpath"];
  const viaNode = npm !== undefined && /npm-cli\.[cm]?js$/.test(npm);
  const code = await runChild(viaNode ? process.execPath : "npm", viaNode ? [npm, ...args] : args, {
    cwd: ROOT,
    stdio: ["ignore", 2, 2],
    shell: !viaNode && process.platform === "win32",
  });
  if (code === 0) return;
  throw new Failure(
    `Installing dependencies failed (npm ${command} ended with ${code}).\n` +
      `Check the network and npm's registry setting, then run "npm ${command}" in ${ROOT} to see the whole error.`,
  );
}

/** The Bun binary: an install script moves it from the platform's package into `bun`, unless scripts are off. */
function findBun() {
  const scope = join(MODULES, "@oven");
  const packages = existsSync(scope) ? readdirSync(scope).sort() : [];
  const places = [
    join(MODULES, "bun", "bin", "bun.exe"),
    ...packages.flatMap((name) => ["bun", "bun.exe"].map((file) => join(scope, name, "bin", file))),
  ];
  return places.find((place) => (statSync(place, { throwIfNoEntry: false })?.size ?? 0) > BUN_BYTES_MIN);
}

/** Runs a program to its end, passing signals on; a death by signal n counts as exit code 128 + n. */
function runChild(file, args, options) {
  return new Promise((done, failed) => {
    const child = spawn(file, args, options);
    const forward = (signal) => child.kill(signal);
    for (const signal of FORWARDED_SIGNALS) process.on(signal, forward);
    child.once("error", (error) => failed(new Failure(`Cannot run ${file} (${error.code}).`)));
    child.once("exit", (code, signal) => {
      for (const name of FORWARDED_SIGNALS) process.off(name, forward);
      done(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/** What to run: `bun [...flags] file [...args]`. */
function commandOf(args) {
  const config = `--config=${join(ROOT, "bunfig.toml")}`;
  if (args[0] === "--script") {
    if (args[1] === undefined) throw new Failure("--script needs a file.");
    return { isScript: true, args: ["--no-orphans", config, resolve(ROOT, args[1]), ...args.slice(2)] };
  }
  const isDev = args[0] === "--dev";
  const main = isDev ? join(SOURCE, "main.ts") : PROGRAM;
  const flags = isDev ? ["--watch", "--no-clear-screen", config] : [config];
  const words = args.slice(isDev ? 1 : 0);
  return { isScript: false, isDev, startsGateway: words[0] === "up", args: [...flags, main, ...words] };
}

async function main() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < NODE_MAJOR_MIN) {
    throw new Failure(
      `Node ${NODE_MAJOR_MIN} or newer is needed; this is ${process.version}. See https://nodejs.org.`,
    );
  }
  const command = commandOf(process.argv.slice(2));
  await installOnce(command.isScript);
  const bun = findBun();
  if (bun === undefined) {
    throw new Failure(
      `There is no Bun for ${process.platform}-${process.arch} in ${MODULES}. Run "npm ci" in ${ROOT}.`,
    );
  }
  if (command.startsGateway) await once(isConsoleBuilt, () => buildConsole(bun));
  if (!command.isScript && !command.isDev) await once(isProgramBuilt, () => buildProgram(bun));
  const env = { ...RUNTIME_ENVIRONMENT, ...process.env };
  if (!command.isScript) env.NODE_ENV ??= command.isDev ? "development" : "production";
  // Becoming Bun leaves no process between it and whoever sends the signals; older Nodes cannot.
  if (typeof process.execve === "function" && process.platform !== "win32") {
    process.execve(bun, [bun, ...command.args], env);
  }
  const orphans = command.isScript ? [] : ["--no-orphans"];
  process.exitCode = await runChild(bun, [...orphans, ...command.args], { stdio: "inherit", env });
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Failure ? error.message : error.stack}\n`);
  process.exitCode = 1;
});
