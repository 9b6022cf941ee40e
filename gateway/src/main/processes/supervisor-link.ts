import { within } from "../../base/within.ts";
import { mergeMetrics } from "../../telemetry/merge-metrics.ts";
import { type Role, readToProcess, type Rendered, type ToProcess, type ToSupervisor } from "./messages.ts";

/** A supervisor that has started a process tells it at once what it is. */
const ROLE_MS_MAX = 10_000;
/** Longer than the supervisor waits for the others. */
const GATHER_MS_MAX = 3_000;

/** One of several processes that serve together, as it sees the one that started it. */
export class SupervisorLink {
  readonly role: Role;
  #onStop: ((signal: string) => void) | undefined;
  /** What came while nobody could hear of it yet. */
  #missed: string | undefined;
  /** Called when the configuration file is to be read again. */
  onReload: () => void = () => undefined;
  #render: () => string = () => "";
  #asked = 0;
  readonly #gathering = new Map<number, (parts: readonly Rendered[]) => void>();

  private constructor(role: Role) {
    this.role = role;
    process.on("message", (message: unknown) => this.#receive(readToProcess(message)));
    // Without it nobody would stop this process, or start it again.
    process.on("disconnect", () => this.#stop("SIGTERM"));
    if (!process.connected) this.#stop("SIGTERM");
  }

  /** Called when the whole gateway is to stop, and when the supervisor is gone: at once where that was before. */
  set onStop(listener: (signal: string) => void) {
    this.#onStop = listener;
    if (this.#missed !== undefined) listener(this.#missed);
    this.#missed = undefined;
  }

  /** Resolves once the supervisor has said what this process is. Rejects where no supervisor has started it. */
  static async open(): Promise<SupervisorLink> {
    const alone = (): Error => new Error("this command is for the processes that SCAIGRID_WORKERS starts");
    if (process.send === undefined) throw alone();
    const told = new Promise<Role>((resolve) => {
      process.once("message", (message: unknown) => {
        const role = readToProcess(message);
        if (role?.type === "role") resolve(role);
      });
    });
    return new SupervisorLink(await within(ROLE_MS_MAX, told, alone));
  }

  /** The port is open. */
  listening(port: number): void {
    send({ type: "listening", port });
  }

  /** This process has been told to end, by itself. */
  leaving(): void {
    send({ type: "leaving" });
  }

  /** What this process says of itself when another gathers the metrics of all. */
  renderWith(render: () => string): void {
    this.#render = render;
  }

  /** The metrics of all processes, each sample labelled with its process. Without those that do not answer in time. */
  async metrics(): Promise<string> {
    const own = { index: this.role.index, text: this.#render() };
    const id = ++this.#asked;
    const { promise, resolve } = Promise.withResolvers<readonly Rendered[]>();
    this.#gathering.set(id, resolve);
    send({ type: "gather", id });
    const late = (): Error => new Error("the supervisor does not answer");
    const others = await within(GATHER_MS_MAX, promise, late).catch(() => []);
    this.#gathering.delete(id);
    return mergeMetrics([own, ...others].toSorted((a, b) => a.index - b.index));
  }

  #stop(signal: string): void {
    if (this.#onStop) this.#onStop(signal);
    else this.#missed = signal;
  }

  #receive(message: ToProcess | undefined): void {
    if (message?.type === "stop") this.#stop(message.signal);
    if (message?.type === "reload") this.onReload();
    if (message?.type === "render") send({ type: "rendered", id: message.id, text: this.#render() });
    if (message?.type === "gathered") this.#gathering.get(message.id)?.(message.parts);
  }
}

function send(message: ToSupervisor): void {
  // What cannot be sent any more nobody waits for: the end of the supervisor is an event of its own.
  if (process.connected) process.send?.(message);
}
