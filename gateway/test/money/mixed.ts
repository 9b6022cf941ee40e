import type { FaultUpstream } from "../fakes/fault-upstream.ts";
import type { TruthRecord } from "../fakes/truth-log.ts";
import { type Kind, MIX } from "../faults/soak/mix.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { isObject, pick } from "../harness/json.ts";
import { withShell } from "../api/store-shell.ts";
import { poll } from "../durability/poll.ts";
import { type Nodes, PRICES, type Spender } from "./rounds.ts";

const CALL_MS = 60_000;
/** Each so-many-th call is one of somebody whose budgets run out. */
const POOR_EVERY = 5;

/** Kinds that reach an upstream of ours, of everything that can go wrong without a long wait. */
const KINDS = MIX.filter(({ plan }) => plan !== undefined);
/** Whose content is more than the plain four bytes a token that the upstream counts. */
const UNEVEN = /tools|utf8/;

/** What a record of usage says, as far as an upstream can contradict it. */
interface Record {
  readonly label: string;
  readonly status: string;
  readonly estimated: boolean;
  readonly tokensIn: number;
  readonly tokensOut: number;
}

/** Calls of all kinds through the nodes of an installation, and what its records say of them. */
export class Mixed {
  readonly figures = { calls: 0, whole: 0, refused: 0, failed: 0, left: 0, agreed: 0 };
  readonly #nodes: Nodes;
  readonly #fake: FaultUpstream;
  readonly #turn: readonly Kind[];
  readonly #models: ReadonlyMap<Kind, string>;
  #sent = 0;

  private constructor(nodes: Nodes, fake: FaultUpstream, models: ReadonlyMap<Kind, string>) {
    this.#nodes = nodes;
    this.#fake = fake;
    this.#models = models;
    this.#turn = KINDS.flatMap((kind) => Array.from({ length: kind.weight }, () => kind));
  }

  static async over(nodes: Nodes, fake: FaultUpstream): Promise<Mixed> {
    const models = new Map<Kind, string>();
    for (const kind of KINDS) {
      const made = await addFakeBackend(nodes[0], fake, { plans: [kind.plan ?? ""], prices: PRICES });
      models.set(kind, made.slug);
    }
    return new Mixed(nodes, fake, models);
  }

  /**
   * So many calls, and once they are `settled` what of their records is not as the upstream's own log has it. Those of
   * `poor` are fewer.
   */
  async send(
    count: number,
    atOnce: number,
    { rich, poor }: { readonly rich: Spender; readonly poor: Spender },
    settled: () => Promise<void>,
  ): Promise<string[]> {
    const since = Date.now();
    const end = this.#sent + count;
    const work = async (): Promise<void> => {
      while (this.#sent < end) {
        const number = this.#sent++;
        // A prime step through the mix, so that no two kinds always meet.
        const kind = this.#turn[(number * 37) % this.#turn.length];
        if (kind) await this.#one(kind, number, number % POOR_EVERY === 0 ? poor : rich);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    await poll("requests at the upstream do not end", () => this.#fake.connectionsBusy === 0);
    await Promise.all(this.#nodes.map((node) => idle(node)));
    await settled();
    const disagreements = this.#disagreements(await this.#records(since));
    this.#fake.clear();
    return disagreements;
  }

  async #one(kind: Kind, number: number, { key }: Spender): Promise<void> {
    const node = this.#nodes[number % this.#nodes.length] ?? this.#nodes[0];
    const label = `call-${number}`;
    const body = {
      model: this.#models.get(kind),
      messages: [{ role: "user", content: label }],
      max_tokens: 30_000,
      stream: kind.stream ?? false,
      metadata: { label },
    };
    const leaving = new AbortController();
    const timer = setTimeout(() => leaving.abort(), typeof kind.leaves === "number" ? kind.leaves : CALL_MS);
    this.figures.calls++;
    try {
      const response = await fetch(`${node.url}/v1/inference/chat`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: leaving.signal,
      });
      if (kind.leaves === "mid-stream") {
        await response.body?.getReader().read();
        leaving.abort();
        this.figures.left++;
        return;
      }
      await response.text();
      if (response.status === 200) this.figures.whole++;
      else if (response.status === 429) this.figures.refused++;
      else this.figures.failed++;
    } catch {
      this.figures.left++;
    } finally {
      clearTimeout(timer);
    }
  }

  async #records(since: number): Promise<Record[]> {
    const rows = await withShell(this.#nodes[0], (store) =>
      store.all(
        "select metadata, status, estimated, tokens_in, tokens_out from usage where created_at >= ? and metadata is not null",
        [since],
      ),
    );
    return rows.map((row) => ({
      label: String(pick(JSON.parse(String(row["metadata"])), "label")),
      status: String(row["status"]),
      estimated: Number(row["estimated"]) === 1,
      tokensIn: Number(row["tokens_in"]),
      tokensOut: Number(row["tokens_out"]),
    }));
  }

  #disagreements(records: readonly Record[]): string[] {
    const found: string[] = [];
    const truth = new Map<string, TruthRecord[]>();
    for (const record of this.#fake.log.records) {
      const label = String(pick(record.body, "messages.0.content"));
      truth.set(label, [...(truth.get(label) ?? []), record]);
    }
    const seen = new Set<string>();
    for (const record of records) {
      const { label } = record;
      if (seen.has(label)) found.push(`${label}: two records`);
      seen.add(label);
      const last = truth.get(label)?.at(-1);
      const problem = this.#problem(record, last, truth.get(label) ?? []);
      if (problem === undefined) this.figures.agreed++;
      else found.push(`${label} (${last?.plan}, ${record.status}): ${problem}`);
    }
    for (const label of truth.keys())
      if (!seen.has(label)) found.push(`${label}: reached the upstream, has no record`);
    return found;
  }

  /** Where the upstream has reported and its answer came to its end it is the judge; else nothing is more than it sent. */
  #problem(
    { status, estimated, tokensIn, tokensOut }: Record,
    last: TruthRecord | undefined,
    all: readonly TruthRecord[],
  ): string | undefined {
    if (last === undefined) return tokensOut === 0 ? undefined : `${tokensOut} tokens of nobody`;
    if (status === "completed" && !estimated) {
      if (!last.finished || !isObject(last.usageReported)) return "taken at the word of who said nothing";
      const { prompt_tokens: input, completion_tokens: output } = last.usageReported;
      return tokensIn === input && tokensOut === output
        ? undefined
        : `${tokensIn} and ${tokensOut} tokens, ${String(input)} and ${String(output)} reported`;
    }
    const sent = all.reduce((sum, { tokensSent }) => sum + tokensSent, 0);
    if (tokensOut > sent && !UNEVEN.test(last.plan)) return `${tokensOut} tokens, ${sent} sent`;
    return undefined;
  }
}

/** Resolves once nothing is in flight on a node: what callers have left has ended there by then. */
async function idle(node: Nodes[number]): Promise<void> {
  await poll("calls stay in flight", async () => {
    const { text } = await node.api("GET", "/metrics");
    return /^scaigrid_inference_in_flight 0$/m.test(text);
  });
}
