import type { Bug } from "./bug.ts";

/** Bugs of the kind that cost money and are easily made, one of each. */
export const BUGS: readonly Bug[] = [
  {
    name: "a budget is looked at, and taken from a moment later",
    edits: [
      {
        file: "settlement/budgets/local-authority.ts",
        find: "    return this.#escrow.hold(wantsOf(budgets, most), admittedAt);",
        replace:
          "    const now = admittedAt;\n" +
          "    const wants = wantsOf(budgets, most).map((want) => ({ ...want, budget: { ...want.budget } }));\n" +
          '    const trial = new Escrow(() => "UTC");\n' +
          "    for (const { budget } of wants) {\n" +
          "      const { window, spent, held } = this.#escrow.standing(budget, now);\n" +
          "      trial.open(budget.id, window, { pico: spent.pico + held.pico, tokens: 0, requests: 0 });\n" +
          "    }\n" +
          "    const verdict = trial.hold(wants, now);\n" +
          "    if (verdict.refusal !== undefined) return verdict;\n" +
          "    return Bun.sleep(1).then(() => ({\n" +
          "      parts: wants.flatMap((want) => this.#escrow.join(want, now, now) ?? []),\n" +
          "    })) as never;",
      },
    ],
    tests: ["money/overspend-load.test.ts"],
    only: "on one node",
  },
  {
    name: "what was held is not given back",
    edits: [
      {
        file: "escrow/escrow.ts",
        find: "    window.held = minus(window.held, part);\n",
        replace: "",
      },
    ],
    tests: ["escrow/escrow.test.ts"],
  },
  {
    name: "a settlement that is offered again is settled twice",
    edits: [
      {
        file: "settlement/settle.ts",
        find: '    usageId: siblingId("usage", intent.requestId),',
        replace: '    usageId: siblingId("usage", intent.requestId) + settledAt,',
      },
    ],
    tests: ["settlement/settle.test.ts"],
  },
  {
    name: "usage is written only after the stream",
    edits: [
      {
        file: "inference/stages/08-hold.ts",
        find: "      await deps.journal.intend(intent);",
        replace: "      await Promise.resolve();",
      },
    ],
    tests: ["durability/death/death.test.ts"],
    only: "on SQLite that dies .*checkpoint: committed",
  },
  {
    name: "a caller who leaves does not end the upstream call",
    edits: [
      {
        file: "inference/call.ts",
        find: 'inbound.signal.addEventListener("abort", () => this.abort("client_gone"), { once: true });',
        replace: "",
      },
      {
        file: "inference/relay.ts",
        find: '    this.#call.abort("client_gone");\n    return (this.#leaving ??= this.#leave());',
        replace: "    return Promise.resolve();",
      },
    ],
    tests: ["api/client-gone.test.ts"],
  },
  {
    name: "a caller who leaves pays nothing",
    edits: [
      {
        file: "settlement/settle.ts",
        find: "      return outcome.upstreamAtWork || delivered ? owed : nothing;",
        replace: "      return nothing;",
      },
    ],
    tests: ["api/client-gone.test.ts"],
  },
  {
    name: "cached tokens are added to a prompt that has them already",
    edits: [
      {
        file: "dialects/chat-completions/usage.ts",
        find: '  shares.rest("input");',
        replace: "  usage.input = prompt;",
      },
    ],
    tests: ["conformance/properties.test.ts"],
  },
  {
    name: "windows begin at the server's midnight",
    edits: [
      {
        file: "escrow/windows.ts",
        find: "toZonedDateTimeISO(timeZone)",
        replace: 'toZonedDateTimeISO(timeZone === "" ? timeZone : Temporal.Now.timeZoneId())',
      },
    ],
    tests: ["escrow/windows.test.ts"],
  },
  {
    name: "the clock is read again for the window",
    edits: [
      {
        file: "settlement/budgets/local-authority.ts",
        find: "wantsOf(budgets, most), admittedAt)",
        replace: "wantsOf(budgets, most), this.#clock.now())",
      },
    ],
    tests: ["settlement/local-authority.test.ts"],
  },
  {
    name: "the counters of budgets move for rows that were there already",
    edits: [
      {
        file: "journal/sqlite-journal.ts",
        find: "insert.isNew(row) && counters.move(budgets)",
        replace: "insert.isNew(row), counters.move(budgets)",
      },
    ],
    tests: ["settlement/moved-once.test.ts"],
    only: "kept twice",
  },
  {
    name: "the counters of shared budgets move for rows that were there already",
    edits: [
      {
        file: "store/nodes/nodes.ts",
        find: "on conflict do nothing returning budgets), ",
        replace: "on conflict (id) do update set status = excluded.status returning budgets), ",
      },
    ],
    tests: ["settlement/moved-once.test.ts"],
    only: "budgets that nodes share",
  },
  {
    name: "what was held in the store is given back twice",
    edits: [
      {
        file: "store/budgets/escrow-functions.ts",
        find: "    delete from budget_holds as h using jsonb_to_recordset(freed) as f(id text, budget text)\n",
        replace:
          "    select h.* from budget_holds as h cross join jsonb_to_recordset(freed) as f(id text, budget text)\n",
      },
      {
        file: "store/budgets/escrow-functions.ts",
        find: "    where h.node_id = node and h.request_id = f.id and (f.budget is null or h.budget_id = f.budget)\n    returning h.*\n",
        replace:
          "    where h.node_id = node and h.request_id = f.id and (f.budget is null or h.budget_id = f.budget)\n",
      },
    ],
    tests: ["settlement/moved-once.test.ts"],
    only: "budgets that nodes share",
  },
  {
    name: "a node that is closed sets aside",
    edits: [
      {
        file: "store/budgets/escrow-functions.ts",
        find:
          "  update node_turns set number = turn where node_id = node and number < turn;\n" +
          "  if not found then\n    return null;\n",
        replace:
          "  update node_turns set number = turn where node_id = node;\n" +
          "  if not found then\n    return null;\n",
      },
    ],
    tests: ["settlement/moved-once.test.ts"],
    only: "budgets that nodes share",
  },
  {
    name: "what a retired node holds is dropped",
    edits: [
      {
        file: "store/budgets/shared-statements.ts",
        find: "`-${name} as retired_${name}`",
        replace: "`0 * ${name} as retired_${name}`",
      },
    ],
    tests: ["simulation/shared.test.ts"],
  },
  {
    name: "roll-ups lack what comes late",
    edits: [
      {
        file: "settlement/ledger/booking.ts",
        find: "    const lateBucket = isLate ? bookedAt - (bookedAt % BUCKET_MS) : 0;\n",
        replace: "    if (isLate) continue;\n    const lateBucket = 0;\n",
      },
    ],
    tests: ["ledger/booking.test.ts"],
  },
  {
    name: "the price is read when the answer ends",
    edits: [
      {
        file: "inference/finish.ts",
        find: "    (name) => deps.snapshot.prices.named(name),",
        replace:
          "    (name) =>\n" +
          "      name === intent.priceVersionId\n" +
          "        ? deps.snapshot.pricesOf(intent.modelId).at(-1)\n" +
          "        : deps.snapshot.prices.named(name),",
      },
    ],
    tests: ["api/models.test.ts"],
  },
  {
    name: "the tier is chosen by the length of the answer",
    edits: [
      {
        file: "settlement/settle.ts",
        find: "ratesAt(price, inputTokens(usage))",
        replace: "ratesAt(price, outputTokens(usage))",
      },
    ],
    tests: ["settlement/settle.test.ts"],
  },
  {
    name: "less is held than can be charged",
    edits: [
      {
        file: "pricing/bound.ts",
        find: "    if (rate > highest) highest = rate;",
        replace: "    if (highest === 0n) highest = rate;",
      },
    ],
    tests: ["pricing/bound.test.ts"],
  },
  {
    name: "each line of a price is rounded",
    edits: [
      {
        file: "pricing/charge.ts",
        find: "amount += BigInt(units) * rate;",
        replace: "amount += ((BigInt(units) * rate) / 1_000_000n) * 1_000_000n;",
      },
    ],
    tests: ["pricing/bound.test.ts"],
  },
  {
    name: "an export lacks its last page",
    edits: [
      {
        file: "admin/exporting.ts",
        find: "      else page = await after(last);",
        replace:
          "      else {\n" +
          "        page = await after(last);\n" +
          "        if (page.length < EXPORT_PAGE) controller.close();\n" +
          "      }",
      },
    ],
    tests: ["api/usage-export.test.ts"],
  },
  {
    name: "a recovery does not look at checkpoints",
    edits: [
      {
        file: "journal/sqlite-journal.ts",
        find: "      const reached = progress.get(intent.requestId);",
        replace: '      const reached = progress.get("");',
      },
    ],
    tests: ["journal/sqlite-journal.test.ts"],
  },
  {
    name: "the price of a granted backend has no floor",
    edits: [
      {
        file: "inference/tariff.ts",
        find: "    if (!floor) return terms;",
        replace: "    if (!floor || this.#routes.length > 0) return terms;",
      },
    ],
    tests: ["inference/tariff.test.ts"],
  },
  {
    name: "the price of a partner is that of its tenant",
    edits: [
      {
        file: "settlement/settle.ts",
        find: "intent.partnerPriceId === undefined ? priced",
        replace: "intent.partnerPriceId !== UNPAID ? priced",
      },
    ],
    tests: ["store/price-books.test.ts"],
  },
  {
    name: "the price of a mark-up is rounded down",
    edits: [
      {
        file: "pricing/mark-up.ts",
        find: "(rate * factor + MILLION - 1n) / MILLION",
        replace: "(rate * factor) / MILLION",
      },
    ],
    tests: ["pricing/price-book.test.ts"],
  },
];
