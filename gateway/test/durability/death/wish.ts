import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isObject } from "../../harness/json.ts";
import type { Death } from "./points.ts";

const POLL_MS = 5;
/** Rounds of calls on a busy machine, or a start. */
const DEAD_MS_MAX = 120_000;

/** Where a process is to die, and at which pass of that point. */
export interface Wish {
  readonly death: string;
  /** From 1. */
  readonly pass: number;
}

export function readWish(text: string): Wish {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new Error(`not a wish: ${text}`);
  return { death: String(value["death"]), pass: Number(value["pass"]) };
}

/** The file a process leaves that has died as it was told. */
export function deathMark(file: string): string {
  return `${file}.died`;
}

/** Has whatever process reads that file die there, from now on. */
export function wishDeath(file: string, death: Death, pass: number): void {
  rmSync(deathMark(file), { force: true });
  writeFileSync(`${file}.draft`, JSON.stringify({ death, pass, id: crypto.randomUUID() }));
  renameSync(`${file}.draft`, file);
}

/** Resolves once it has died of it. */
export async function untilDead(file: string): Promise<void> {
  const deadline = performance.now() + DEAD_MS_MAX;
  while (!existsSync(deathMark(file))) {
    if (performance.now() > deadline) throw new Error("nothing has died where it was to");
    await Bun.sleep(POLL_MS);
  }
  rmSync(file, { force: true });
}

/** It lives on after all. */
export function unwish(file: string): void {
  rmSync(file, { force: true });
}
