import { Observable } from "./observable.ts";

const FIRST_TRY_MS = 500;
const TRY_MS_MAX = 5_000;
const TRY_TIMEOUT_MS = 3_000;
/** How long the good news stays on the page. */
const RESTORED_SHOWN_MS = 4_000;

export type ConnectionState = "ok" | "lost" | "restored";

/** Whether the gateway answers. Once lost, it is asked for its health until it does again. */
export class Connection {
  readonly state = new Observable<ConnectionState>("ok");
  readonly #onRestored: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onRestored: () => void) {
    this.#onRestored = onRestored;
  }

  /** A call got no answer. */
  lost(): void {
    if (this.state.get() === "lost") return;
    this.state.set("lost");
    this.#tryAfter(FIRST_TRY_MS);
  }

  /** A call got an answer. */
  reached(): void {
    if (this.state.get() === "lost") this.#restored();
  }

  #tryAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#try(ms), ms);
  }

  async #try(waitedMs: number): Promise<void> {
    const isUp = await answers();
    if (this.state.get() !== "lost") return;
    if (isUp) this.#restored();
    else this.#tryAfter(Math.min(waitedMs * 2, TRY_MS_MAX));
  }

  #restored(): void {
    clearTimeout(this.#timer);
    this.state.set("restored");
    this.#onRestored();
    this.#timer = setTimeout(() => {
      if (this.state.get() === "restored") this.state.set("ok");
    }, RESTORED_SHOWN_MS);
  }
}

async function answers(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(TRY_TIMEOUT_MS);
    return (await fetch("/health/ready", { cache: "no-store", signal })).ok;
  } catch {
    // Not yet: the next try follows.
    return false;
  }
}
