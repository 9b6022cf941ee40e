import { madeId } from "../../api/tenancy.ts";
import type { FakeBackend } from "../../harness/fake-backend.ts";
import type { Gateway } from "../../harness/gateway.ts";
import type { Spender } from "../../money/rounds.ts";
import type { UsageSeen } from "../records.ts";

const PICO_OF_MTOK = 1_000_000n;
/** So soon after they are announced new prices are in force: by then calls are under way. */
const LEAD_MS = 300;
const LEAD_MS_MAX = 20_000;

/** Who pays, or is paid, for a request. */
type Payer = "tenant" | "partner" | "cost";
/** Units per million tokens of an answer at first: no two payers ever have the same. Prompts are free. */
const FIRST: Readonly<Record<Payer, number>> = { tenant: 3_000, partner: 2_000, cost: 1_000 };

/** What a payer pays from an instant on. */
interface Version {
  readonly id: string;
  /** From here on at the earliest, and at the latest; epoch milliseconds. */
  readonly from: number;
  readonly by: number;
  readonly picoPerToken: bigint;
}

/** When a call was made, and by when it had been promised its prices. Epoch milliseconds. */
export interface Promised {
  readonly askedAt: number;
  readonly promisedBy: number;
}

/** The prices of one model, which change all the time, each level's by itself: known from outside. */
export class Prices {
  readonly #gateway: Gateway;
  readonly #places: Readonly<Record<Payer, readonly [path: string, subject: object]>>;
  readonly #versions: Readonly<Record<Payer, Version[]>> = { tenant: [], partner: [], cost: [] };
  #count = 0;

  private constructor(gateway: Gateway, who: Spender, { modelId, backendIds }: FakeBackend) {
    this.#gateway = gateway;
    const book = "/v1/accounting/price-books";
    this.#places = {
      tenant: [book, { tenant_id: who.tenantId, model_id: modelId }],
      partner: [book, { partner_id: who.partnerId, model_id: modelId }],
      cost: ["/v1/accounting/price-versions", { backend_id: backendIds[0] }],
    };
  }

  static async of(gateway: Gateway, who: Spender, sold: FakeBackend): Promise<Prices> {
    const prices = new Prices(gateway, who, sold);
    await prices.change();
    return prices;
  }

  /** Announces new ones, which come into force while the calls that are about to be made are under way. */
  announce(): Promise<void> {
    return this.#set(LEAD_MS);
  }

  /** Has new ones from now on. */
  change(): Promise<void> {
    return this.#set(undefined);
  }

  async #set(leadMs: number | undefined): Promise<void> {
    const count = this.#count++;
    for (const payer of ["tenant", "partner", "cost"] as const) {
      await this.#add(payer, FIRST[payer] + count, leadMs);
    }
  }

  /** A machine may be so busy that an instant has passed by the time the gateway hears of it. */
  async #add(payer: Payer, perMtok: number, leadMs: number | undefined): Promise<void> {
    const [path, subject] = this.#places[payer];
    for (let lead = leadMs; ; lead = lead && lead * 2) {
      const from = Date.now() + (lead ?? 0);
      const prices = { input_per_mtok: "0", output_per_mtok: String(perMtok) };
      const since = lead === undefined ? {} : { effective_from: new Date(from).toISOString() };
      const reply = await this.#gateway.api("POST", path, { body: { ...subject, prices, ...since } });
      if (reply.status === 422 && lead !== undefined && lead < LEAD_MS_MAX) continue;
      const by = lead === undefined ? Date.now() : from;
      const versions = this.#versions[payer];
      versions.push({ id: madeId(reply), from, by, picoPerToken: BigInt(perMtok) * PICO_OF_MTOK });
      // What was announced for later may come after what is in force at once.
      versions.sort((one, other) => one.from - other.from);
      return;
    }
  }

  /** What is wrong with what a record of a call charges for its answer; undefined where nothing is. */
  faultOf(record: UsageSeen, promised: Promised): string | undefined {
    const charged = {
      tenant: [record.tenantPriceId, record.tenantPico],
      partner: [record.partnerPriceId, record.partnerPico],
      cost: [record.costVersionId, record.costPico],
    } as const;
    for (const payer of ["tenant", "partner", "cost"] as const) {
      const [id, pico] = charged[payer];
      if (record.tokensOut === 0 && pico === 0n) continue;
      const version = this.#versions[payer].find((each) => each.id === id);
      if (version === undefined) return `${payer}: the prices ${id} are nobody's`;
      if (!this.#inForce(payer, promised).includes(version))
        return `${payer}: the prices ${id} were not in force when it was promised`;
      const owed = BigInt(record.tokensOut) * version.picoPerToken;
      if (pico !== owed) return `${payer}: ${pico} for ${record.tokensOut} tokens that come to ${owed}`;
    }
    return undefined;
  }

  /** Whether a record goes by prices that had been replaced by the time it was settled. */
  isOutdated({ tenantPriceId, settledAt }: UsageSeen): boolean {
    const versions = this.#versions.tenant;
    const next = versions[versions.findIndex(({ id }) => id === tenantPriceId) + 1];
    return next !== undefined && next.by <= settledAt;
  }

  #inForce(payer: Payer, { askedAt, promisedBy }: Promised): readonly Version[] {
    const versions = this.#versions[payer];
    return versions.filter(({ from }, at) => {
      const until = versions[at + 1]?.by ?? Number.POSITIVE_INFINITY;
      return from <= promisedBy && until >= askedAt;
    });
  }
}
