import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Dying, type Figures, type Installation } from "./dying.ts";
import type { Point } from "./points.ts";

/** Deaths of one installation: every one of them leaves records that are all looked at after the next. */
const DEATHS_MAX = 20;

/** Gateways that die side by side: half of a death is waiting, for a stream to end or a checkpoint to be due. */
export class Lanes {
  readonly #lanes: readonly Lane[];

  /** `program`: a gateway with places to die in it. */
  constructor(count: number, program: () => string, folder: string, make: () => Promise<Installation>) {
    this.#lanes = Array.from({ length: count }, (_, n) => new Lane(program, join(folder, `${n}`), make));
  }

  /** Dies there so often, over all lanes. Throws the first failure once none of them is under way any more. */
  async die(point: Point, times: number): Promise<void> {
    let left = times;
    const deaths = await Promise.allSettled(
      this.#lanes.map(async (lane) => {
        while (left-- > 0) await lane.die(point);
      }),
    );
    for (const death of deaths) if (death.status === "rejected") throw death.reason;
  }

  /** Ends all of them in good order. */
  async finish(): Promise<void> {
    for (const lane of this.#lanes) await lane.finish();
  }

  async dispose(): Promise<void> {
    for (const lane of this.#lanes) await lane.dispose();
  }

  get figures(): Figures {
    return sum(this.#lanes.map(({ figures }) => figures));
  }
}

/** One gateway after the other, each of which dies a few times. */
class Lane {
  readonly #program: () => string;
  readonly #folder: string;
  readonly #make: () => Promise<Installation>;
  #dying: Dying | undefined;
  #past: Figures = sum([]);

  constructor(program: () => string, folder: string, make: () => Promise<Installation>) {
    this.#program = program;
    this.#folder = folder;
    this.#make = make;
  }

  get figures(): Figures {
    return sum([this.#past, ...(this.#dying ? [this.#dying.figures] : [])]);
  }

  async die(point: Point): Promise<void> {
    if (this.#dying !== undefined && this.#dying.figures.deaths >= DEATHS_MAX) await this.finish();
    mkdirSync(this.#folder, { recursive: true });
    this.#dying ??= await Dying.start(this.#program(), this.#folder, await this.#make());
    try {
      await this.#dying.die(point);
    } catch (error) {
      // Nobody else is to go on from where it got stuck.
      await this.dispose();
      throw error;
    }
  }

  async finish(): Promise<void> {
    try {
      await this.#dying?.finish();
    } finally {
      await this.dispose();
    }
  }

  async dispose(): Promise<void> {
    const dying = this.#dying;
    if (dying === undefined) return;
    this.#past = this.figures;
    this.#dying = undefined;
    await dying.dispose();
  }
}

function sum(all: readonly Figures[]): Figures {
  const total = { deaths: 0, calls: 0, whole: 0, outdated: 0 };
  for (const each of all) {
    total.deaths += each.deaths;
    total.calls += each.calls;
    total.whole += each.whole;
    total.outdated += each.outdated;
  }
  return total;
}
