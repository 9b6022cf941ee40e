import { z } from "zod";

const price = {
  input_per_mtok: z.string(),
  cached_read_per_mtok: z.string().optional(),
  cached_write_5m_per_mtok: z.string().optional(),
  cached_write_1h_per_mtok: z.string().optional(),
  input_audio_per_mtok: z.string().optional(),
  output_per_mtok: z.string(),
  reasoning_per_mtok: z.string().optional(),
  output_audio_per_mtok: z.string().optional(),
};
const head = z.object({ source: z.string(), date: z.iso.date(), currency: z.string() });
const row = z.object({
  vendor: z.string(),
  id: z.string(),
  name: z.string(),
  modality: z.enum(["chat", "embedding", "image", "audio", "rerank"]),
  chat_completions: z.boolean().optional(),
  context_window: z.int().optional(),
  max_output_tokens: z.int().optional(),
  capabilities: z.array(z.string()),
  released: z.string().optional(),
  status: z.string().optional(),
  // What is not known here must not be left out of a price.
  prices: z
    .strictObject({
      ...price,
      tiers: z.array(z.strictObject({ above_input_tokens: z.int(), ...price })).optional(),
    })
    .optional(),
});

const VENDOR_OF_LINE = /^\{"vendor":"([^"]+)"/;

/** One model of a vendor, as the public facts have it. Prices are decimal strings of US dollars. */
export type CatalogueModel = z.infer<typeof row>;

/**
 * Public prices and limits of known models, as they were on one day. `scripts/price-catalogue.ts` makes the file;
 * it is read when something asks for it, not at every start.
 */
export class PriceCatalogue {
  /** Where the figures are from. */
  readonly source: string;
  /** The day they were taken, `2026-07-02`. */
  readonly date: string;
  /** ISO 4217, of all prices. */
  readonly currency: string;
  /** Lines, parsed when a vendor is asked for: all of them would take 30 ms of a start, one vendor's take 2. */
  readonly #byVendor: ReadonlyMap<string | undefined, readonly string[]>;

  /** Throws on a text that `scripts/price-catalogue.ts` has not made. */
  constructor(text: string) {
    const [first = "", ...lines] = text.trimEnd().split("\n");
    const { source, date, currency } = head.parse(JSON.parse(first));
    this.source = source;
    this.date = date;
    this.currency = currency;
    this.#byVendor = Map.groupBy(lines, (line) => VENDOR_OF_LINE.exec(line)?.[1]);
  }

  /** The shipped one. */
  static async shipped(): Promise<PriceCatalogue> {
    const { default: text } = await import("./price-catalogue.ndjson", { with: { type: "text" } });
    return new PriceCatalogue(text);
  }

  /** What is shown with prices that were taken from here. */
  get mark(): string {
    return `${this.source.split(",")[0] ?? this.source}, ${this.date}`;
  }

  /** The names of vendors there are facts about. */
  get vendors(): readonly string[] {
    return [...this.#byVendor.keys()].filter((name) => name !== undefined);
  }

  /** All models of a vendor, by its name; none for a vendor nobody has facts about. */
  modelsOf(vendor: string): readonly CatalogueModel[] {
    return (this.#byVendor.get(vendor) ?? []).map((line) => row.parse(JSON.parse(line)));
  }

  /** The models of a vendor that can be served by chat completions and charged for, newest first. */
  servedBy(vendor: string): readonly ServedModel[] {
    return this.modelsOf(vendor)
      .filter(isServed)
      .toSorted((a, b) => compare(b.released ?? "", a.released ?? "") || compare(a.id, b.id));
  }
}

/** A model about which enough is known to offer it. */
export type ServedModel = CatalogueModel & {
  readonly prices: NonNullable<CatalogueModel["prices"]>;
  readonly context_window: number;
};

function isServed(model: CatalogueModel): model is ServedModel {
  return (
    model.modality === "chat" &&
    model.chat_completions !== false &&
    model.status !== "deprecated" &&
    model.prices !== undefined &&
    model.context_window !== undefined
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
