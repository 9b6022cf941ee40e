import { join } from "node:path";
import { pick, pickText } from "../harness/json.ts";
import { poll } from "./poll.ts";

const PROGRAM = join(import.meta.dir, "../fakes/fault-upstream-process.ts");

/** The fault upstream in a process of its own, so that its work does not delay what it is used to measure. */
export class FakeProcess {
  readonly url: string;
  readonly #control: string;
  readonly #child: Bun.Subprocess<"ignore", "pipe", "inherit">;

  private constructor(child: Bun.Subprocess<"ignore", "pipe", "inherit">, told: unknown) {
    this.#child = child;
    this.url = pickText(told, "url");
    this.#control = pickText(told, "control");
  }

  static async start(): Promise<FakeProcess> {
    const child = Bun.spawn([process.execPath, PROGRAM], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    const { value } = await child.stdout.getReader().read();
    return new FakeProcess(child, JSON.parse(new TextDecoder().decode(value)));
  }

  async openGate(name: string): Promise<void> {
    await this.#ask("POST", `gates/${name}`);
  }

  /** Resolves once no connection is open any more: nothing of a caller that died is still on its way. */
  async untilNoConnection(): Promise<void> {
    await poll("the fake's connections stay open", async () => {
      return pick(await this.#ask("GET", "connections"), "open") === 0;
    });
  }

  /**
   * Content tokens whose bytes went into a socket, by the label in the prompt, of all requests since the last
   * time; resolves once all of them are over, so that nothing is added later.
   */
  async takeTruth(): Promise<ReadonlyMap<string, number>> {
    let records: readonly unknown[] = [];
    await poll("requests at the fake do not end", async () => {
      const log = await this.#ask("GET", "log");
      records = Array.isArray(log) ? log : [];
      return records.every(
        (record) => pick(record, "finished") === true || pick(record, "closedByPeerAtMs") !== undefined,
      );
    });
    const sent = new Map<string, number>();
    for (const record of records) {
      const label = pickText(record, "body.messages.0.content");
      // A call that was tried twice has two records.
      sent.set(label, (sent.get(label) ?? 0) + Number(pick(record, "tokensSent")));
    }
    await this.#ask("POST", "clear");
    return sent;
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.exited;
  }

  async #ask(method: string, path: string): Promise<unknown> {
    const response = await fetch(this.#control + path, { method, signal: AbortSignal.timeout(10_000) });
    return response.json();
  }
}
