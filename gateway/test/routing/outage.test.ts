import { describe, expect, test } from "bun:test";
import { hash32 } from "../../src/base/hash.ts";
import {
  POLICY_DEFAULTS,
  type Backend,
  type FrontendModel,
  type Provider,
  type RoutingPolicy,
} from "../../src/core/catalogue.ts";
import { openaiChat } from "../../src/dialects/openai-chat/openai-chat.ts";
import { Candidate } from "../../src/routing/candidate.ts";
import { BackendHealth, ModelHealth } from "../../src/routing/health.ts";
import { Itinerary } from "../../src/routing/itinerary.ts";
import type { Route } from "../../src/routing/route.ts";
import { verdictAfter } from "../../src/routing/verdict.ts";
import { backend, model, provider } from "../store/samples.ts";

/** Neither early nor late, nor anything else that chance decides. */
const RANDOM = 0.5;
const SECOND = 1_000;

/** Nothing is paid. */
const NOTHING = { partner: undefined, tenant: undefined };
const FREE = { ...NOTHING, isPriced: true, isSpoilt: false, most: NOTHING, floors: NOTHING };

/** A model of several backends on a clock of its own, where a backend answers or fails as it is told. */
class Town {
  readonly #candidates: readonly Candidate[];
  readonly #route: Route;
  readonly #model = new ModelHealth(0);
  /** When each backend was asked, by its position. */
  readonly asked: number[][];
  /** Requests that no backend was asked for. */
  refused = 0;
  served = 0;
  isDown: (position: number, nowMs: number) => boolean = () => false;

  constructor(backends: number, policy: Partial<RoutingPolicy> = {}) {
    const account: Provider = provider();
    const about: FrontendModel = model();
    const all = Array.from({ length: backends }, (): Backend => backend(account.id));
    this.asked = all.map(() => []);
    this.#candidates = all.map(
      (each, i) =>
        new Candidate({
          backend: each,
          provider: account,
          credentials: {},
          dialect: openaiChat,
          needsBytes: false,
          cost: undefined,
          model: about,
          floor: undefined,
          priority: i + 1,
          weight: 100,
          idHash: hash32(each.id),
          health: new BackendHealth(),
          inFlight: () => 0,
          reason: "",
        }),
    );
    this.#route = {
      model: about,
      policy: { ...POLICY_DEFAULTS, id: "route_1", modelId: about.id, targets: [], createdAt: 0, ...policy },
      terms: { for: () => FREE },
      groups: this.#candidates.map((candidate) => [candidate]),
      candidates: this.#candidates,
      timeouts: [],
      needsLimit: false,
      needsBytes: false,
      windowMax: about.contextWindow,
      told: [],
      skipped: [],
      cost: undefined,
    };
  }

  /** One request, as `inference/attempts.ts` makes its calls. */
  request(nowMs: number): void {
    const itinerary = new Itinerary(
      [this.#route],
      { needs: [], tenantId: undefined, form: "whole", stickyHash: undefined },
      () => RANDOM,
    );
    const { budget } = this.#model;
    let candidate = itinerary.next(nowMs);
    if (!candidate && this.#model.trickles(nowMs)) candidate = itinerary.probe(nowMs);
    if (!candidate) return void this.refused++;
    budget.requested(nowMs);
    itinerary.take(candidate);
    for (let [attempts, onBackend, failovers] = [1, 1, 0]; ; attempts++, onBackend++) {
      if (this.#answers(candidate, nowMs)) return void this.served++;
      const next = itinerary.next(nowMs);
      const isWell = next?.health.circuit.stateAt(nowMs) === "closed";
      const verdict = verdictAfter({
        fault: { class: "server_error", reason: "down" },
        attempts,
        attemptsOnBackend: onBackend,
        maySameBackend: candidate.health.circuit.admits(nowMs),
        next: next ? (isWell ? "well" : "probe") : "nothing",
        failovers,
        hasBudget: budget.hasRoom(nowMs),
        policy: this.#route.policy,
        random: RANDOM,
      });
      if (verdict.next === "stop") return;
      if (verdict.counted) budget.spend(nowMs);
      if (verdict.next === "same_backend" || !next) continue;
      itinerary.take(next);
      candidate = next;
      failovers++;
      onBackend = 0;
    }
  }

  #answers(candidate: Candidate, nowMs: number): boolean {
    const position = this.#candidates.indexOf(candidate);
    this.asked[position]?.push(nowMs);
    const { circuit } = candidate.health;
    const pass = circuit.enter(nowMs);
    if (this.isDown(position, nowMs)) {
      circuit.failed(pass, nowMs, RANDOM);
      return false;
    }
    circuit.succeeded(pass, nowMs);
    return true;
  }
}

describe("a primary that is down for a minute", () => {
  const [DOWN_FROM, DOWN_TO, END] = [20 * SECOND, 80 * SECOND, 140 * SECOND];

  test.each([
    ["a request every 4 seconds", 4 * SECOND],
    ["50 requests a second", 20],
  ])(
    "with %s: all are served, it is probed at most once a rest, and serves again within 30 s",
    (_name, gapMs) => {
      const town = new Town(2);
      town.isDown = (position, nowMs) => position === 0 && nowMs >= DOWN_FROM && nowMs < DOWN_TO;
      let requests = 0;
      for (let nowMs = 0; nowMs < END; nowMs += gapMs) {
        town.request(nowMs);
        requests++;
      }
      expect([town.served, town.refused]).toEqual([requests, 0]);
      const [primary = []] = town.asked;
      const whileDown = primary.filter((at) => at >= DOWN_FROM && at < DOWN_TO);
      // Five failures, then rests of 10, 20, 20 … s.
      const [first = 0] = whileDown.slice(4);
      const probes = whileDown.slice(5);
      let restEnds = first + 10 * SECOND;
      for (const at of probes) {
        expect(at).toBeGreaterThanOrEqual(restEnds);
        restEnds = at + 20 * SECOND;
      }
      expect(probes.length).toBeLessThanOrEqual(4);
      const back = primary.find((at) => at >= DOWN_TO) ?? Number.POSITIVE_INFINITY;
      expect(back - DOWN_TO).toBeLessThanOrEqual(30 * SECOND);
      // And all of them, from then on.
      const after = Math.floor((END - back - 1) / gapMs) + 1;
      expect(primary.filter((at) => at >= back)).toHaveLength(after);
    },
  );
});

describe("a total outage", () => {
  test.each([
    ["100 requests a minute, two backends", 2, 600],
    ["100 requests a minute, five backends", 5, 600],
    ["3 000 requests a minute", 2, 20],
  ])("is not amplified: %s", (_name, backends, gapMs) => {
    const town = new Town(backends, { retry: { attempts: 10, same_backend: 1 } });
    town.isDown = () => true;
    let requests = 0;
    for (let nowMs = 0; nowMs < 300 * SECOND; nowMs += gapMs) {
      town.request(nowMs);
      requests++;
    }
    const attempts = town.asked.flat();
    expect(attempts.length).toBeLessThanOrEqual(requests * 1.2);
    // Once all circuits are open, one call a second and the probes of the backends are all there is.
    const later = attempts.filter((at) => at >= 60 * SECOND);
    expect(later.length).toBeLessThanOrEqual(240 * (1 + backends / 20) + backends);
    expect(town.served).toBe(0);
  });

  test("ends for everybody with the first backend that is back", () => {
    const town = new Town(3);
    const back = 60 * SECOND;
    town.isDown = (position, nowMs) => position !== 2 || nowMs < back;
    for (let nowMs = 0; nowMs < back + 5 * SECOND; nowMs += 100) town.request(nowMs);
    const refused = town.refused;
    for (let nowMs = back + 5 * SECOND; nowMs < back + 30 * SECOND; nowMs += 100) town.request(nowMs);
    expect([town.refused - refused, town.served > 250]).toEqual([0, true]);
  });
});
