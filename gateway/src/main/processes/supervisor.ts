import { KEY_RANDOM_CHARS, mintKey } from "../../access/key-format.ts";
import { systemClock as clock } from "../../base/clock.ts";
import { randomBase62 } from "../../base/crypto.ts";
import { within } from "../../base/within.ts";
import { removeOperatorFile } from "../../cli/operator-file.ts";
import type { Config } from "../../config/config.ts";
import type { Logger } from "../../telemetry/logs.ts";
import type { Signals } from "../signals.ts";
import { Gathering } from "./gathering.ts";
import { readToSupervisor, type ToProcess, type ToSupervisor } from "./messages.ts";
import { Restarts } from "./restarts.ts";

/** Beyond the drain: what a process takes at most to write what it has and to end. */
const END_GRACE_MS = 30_000;

type Child = Bun.Subprocess<"ignore", "inherit", "inherit">;

/** One of the places of the processes that serve; a process that ends leaves it to the next. */
interface Place {
  readonly index: number;
  readonly restarts: Restarts;
}

/** A process, as its supervisor knows it. */
interface Started {
  readonly place: Place;
  readonly child: Child;
  readonly startedMs: number;
  isListening: boolean;
  /** It ends by itself: its place is taken already. */
  isLeaving: boolean;
}

export interface SupervisorOptions {
  readonly config: Config;
  readonly log: Logger;
  /** The command line of one process. */
  readonly command: readonly string[];
}

/**
 * Starts `SCAIGRID_WORKERS` processes on one port and keeps that many running: the first alone, which makes or upgrades
 * the installation, opens the port and is told of to people, then the others.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #places: readonly Place[];
  readonly #running = new Set<Started>();
  readonly #gathering = new Gathering();
  readonly #operatorKey = mintKey(randomBase62(KEY_RANDOM_CHARS));
  readonly #ended = Promise.withResolvers<void>();
  /** What the first process has opened. */
  #port: number | undefined;
  #isStopping = false;
  #worstCode = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#places = Array.from({ length: options.config.workers }, (_, place) => ({
      index: place + 1,
      restarts: new Restarts(),
    }));
  }

  /** Resolves once all processes have ended in good order after a signal. Throws where one did not, or none could start. */
  async run(signals: Pick<Signals, "next">): Promise<void> {
    const { config, log } = this.#options;
    const [first] = this.#places;
    if (first) this.#start(first);
    const signal = await Promise.race([signals.next(), this.#ended.promise]);
    if (typeof signal === "string") {
      this.#stop(signal);
      void signals.next().then((second) => this.#stop(second));
      const late = (): Error => new Error("a process did not end in time and was killed");
      await within(config.drainSeconds * 1000 + END_GRACE_MS, this.#ended.promise, late).catch(
        (error: unknown) => {
          log.log("error", "stop_overdue", { reason: String(error) });
          this.#worstCode = 1;
          for (const { child } of this.#running) child.kill("SIGKILL");
        },
      );
    }
    removeOperatorFile(config.dataDir, process.pid);
    if (this.#worstCode !== 0) throw new Error(this.#lastWord());
  }

  /** Tells every process to read the configuration file again. */
  reload(): void {
    for (const started of this.#running) this.#send(started, { type: "reload" });
  }

  #lastWord(): string {
    if (this.#port === undefined) return "no process could be started: what stands above says why";
    return "a process did not end in good order: what it left is settled by the next start";
  }

  #start(place: Place): void {
    const { command } = this.#options;
    const isFirst = this.#port === undefined;
    const child: Child = Bun.spawn([...command], {
      stdio: ["ignore", "inherit", "inherit"],
      ipc: (message: unknown) => {
        const known = readToSupervisor(message);
        if (known) this.#receive(started, known);
      },
      onExit: (_, code, signalCode) => this.#exited(started, signalCode === null ? (code ?? 1) : 1),
    });
    const started: Started = {
      place,
      child,
      startedMs: clock.monotonic(),
      isListening: false,
      isLeaving: false,
    };
    this.#running.add(started);
    this.#send(started, {
      type: "role",
      index: place.index,
      processes: this.#places.length,
      isFirst,
      operatorKey: this.#operatorKey,
      ...(this.#port !== undefined && { port: this.#port }),
    });
  }

  #receive(started: Started, message: ToSupervisor): void {
    if (message.type === "listening") return this.#listening(started, message.port);
    if (message.type === "gather") return this.#gather(started, message.id);
    if (message.type === "rendered")
      return this.#gathering.rendered(message.id, started.place.index, message.text);
    started.isLeaving = true;
    if (!this.#isStopping) this.#start(started.place);
  }

  #listening(started: Started, port: number): void {
    started.isListening = true;
    if (this.#port !== undefined) return;
    this.#port = port;
    if (this.#isStopping) return;
    for (const place of this.#places) if (place !== started.place) this.#start(place);
  }

  /** Asks all others for their metrics, and hands them to the one that wants to know. */
  #gather(asking: Started, id: number): void {
    const others = [...this.#running].filter(
      (each) => each !== asking && each.isListening && !each.isLeaving,
    );
    const ask = (gathering: number): void => {
      for (const other of others) this.#send(other, { type: "render", id: gathering });
    };
    void this.#gathering.of(others.length, ask).then((parts) => {
      this.#send(asking, { type: "gathered", id, parts: [...parts] });
    });
  }

  #stop(signal: string): void {
    this.#isStopping = true;
    for (const started of this.#running) {
      // Before it listens there is nothing to drain, and nobody in it who hears.
      if (!started.isListening) started.child.kill("SIGTERM");
      else if (!started.isLeaving) this.#send(started, { type: "stop", signal });
    }
    this.#endWhenNoneRuns();
  }

  #exited(started: Started, code: number): void {
    this.#running.delete(started);
    // Killed before it listened, because all stop: that is no fault of its own.
    const isFault = code !== 0 && (started.isListening || !this.#isStopping);
    if (isFault && (this.#isStopping || this.#port === undefined)) this.#worstCode = 1;
    if (this.#isStopping) this.#endWhenNoneRuns();
    else if (this.#port === undefined) this.#ended.resolve();
    else if (!started.isLeaving) this.#replace(started, code);
  }

  /** Another one in its place, in a while. */
  #replace({ place, startedMs, child }: Started, code: number): void {
    const pauseMs = place.restarts.pauseMs(clock.monotonic() - startedMs);
    this.#options.log.log("error", "process_ended", {
      worker: String(place.index),
      pid: child.pid,
      reason: `exit code ${code}`,
      hint: `another is started in ${pauseMs} ms`,
    });
    setTimeout(() => {
      if (!this.#isStopping) this.#start(place);
    }, pauseMs);
  }

  #endWhenNoneRuns(): void {
    if (this.#running.size === 0) this.#ended.resolve();
  }

  #send({ child }: Started, message: ToProcess): void {
    try {
      child.send(message);
    } catch {
      // It is ending: its exit tells the rest.
    }
  }
}
