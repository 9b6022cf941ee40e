import { afterEach, describe, expect, test } from "bun:test";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { PromptStatements } from "../../src/store/postgres/prompt.ts";
import { poll } from "../durability/poll.ts";

/** A server that answers, or fails as it is told. */
class Server {
  readonly asked: string[] = [];
  failure: Error | undefined;

  readonly run = (text: string): Promise<readonly []> => {
    this.asked.push(text);
    return this.failure === undefined ? Promise.resolve([]) : Promise.reject(this.failure);
  };
}

const AWAY = new StoreUnavailable("no answer within 2500 ms");
const HOLD = "select hold";

describe("statements that callers wait for", () => {
  const opened: PromptStatements[] = [];
  const open = () => {
    const server = new Server();
    const prompt = new PromptStatements(server.run);
    opened.push(prompt);
    return { server, prompt };
  };
  afterEach(() => {
    for (const prompt of opened.splice(0)) prompt.end();
  });

  test("are refused at once while the store is away: it is asked beside the calls whether it is back", async () => {
    const { server, prompt } = open();
    server.failure = AWAY;
    for (let call = 0; call < 20; call++)
      await expect(prompt.run(HOLD, [])).rejects.toBeInstanceOf(StoreUnavailable);
    await poll("a look", () => Promise.resolve(server.asked.includes("select 1")));
    server.asked.length = 0;
    await expect(prompt.run(HOLD, [])).rejects.toBeInstanceOf(StoreUnavailable);
    expect(server.asked).not.toContain(HOLD);
    server.failure = undefined;
    await poll("an answer", () =>
      prompt.run(HOLD, []).then(
        () => true,
        () => false,
      ),
    );
    expect(server.asked).toContain(HOLD);
  });

  test.each(["57014", "55P03", "40P01"])(
    "that the server alone gives up (%s) keep no others back",
    async (errno) => {
      const { server, prompt } = open();
      server.failure = new StoreUnavailable(errno, Object.assign(new Error("given up"), { errno }));
      await expect(prompt.run(HOLD, [])).rejects.toBe(server.failure);
      server.failure = undefined;
      expect(await prompt.run(HOLD, [])).toEqual([]);
      expect(server.asked).toEqual([HOLD, HOLD]);
    },
  );
});
