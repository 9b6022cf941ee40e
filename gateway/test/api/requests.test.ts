import { expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { SANDBOX, codeOf, describeApi, fieldsOf, itemsOf, requestIdOf } from "./started.ts";

describeApi("the list of requests", (api) => {
  const list = (query = "", key = api.gateway.firstKey) =>
    api.gateway.api("GET", `/v1/requests${query}`, { key });
  const idsOf = async (query: string) => itemsOf(await list(query)).map((item) => item["request_id"]);

  test("has every call, refused ones included, newest first", async () => {
    const completed = requestIdOf(await api.chat({}, { headers: { "user-agent": "lister/1" } }));
    const refused = requestIdOf(await api.chat({ model: "no/such" }));
    const items = itemsOf(await list());
    expect(items.slice(0, 2)).toMatchObject([
      { request_id: refused, outcome: "refused", http_status: 404, error_code: "MODEL_NOT_FOUND" },
      {
        request_id: completed,
        outcome: "completed",
        http_status: 200,
        model: SANDBOX,
        user_agent: "lister/1",
      },
    ]);
    expect(items[1]?.["error_code"]).toBeUndefined();
  });

  test("is filtered by key, model and outcome", async () => {
    const made = await api.gateway.api("POST", "/v1/api-keys", {
      key: api.gateway.firstKey,
      body: { name: "lister" },
    });
    const key = pickText(made.body, "data.key");
    const mine = requestIdOf(await api.chat({}, { key }));
    expect(await idsOf(`?api_key_id=${pickText(made.body, "data.id")}`)).toEqual([mine]);
    expect(await idsOf(`?model=${encodeURIComponent(SANDBOX)}&limit=1`)).toEqual([mine]);
    const outcomes = itemsOf(await list("?outcome=refused")).map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(["refused"]));
  });

  test("pages through, each request once", async () => {
    for (let n = 0; n < 3; n++) await api.chat();
    const all = await idsOf("");
    const paged: unknown[] = [];
    let cursor: unknown;
    do {
      const query = typeof cursor === "string" ? `&cursor=${cursor}` : "";
      const page = await list(`?limit=2${query}`);
      paged.push(...itemsOf(page).map((item) => item["request_id"]));
      cursor = pick(page.body, "pagination.next_cursor");
    } while (typeof cursor === "string");
    expect(paged).toEqual(all);
  });

  test("refuses an unknown outcome, a foreign cursor and a stranger", async () => {
    expect(fieldsOf(await list("?outcome=lost"))).toEqual(["query.outcome"]);
    expect(fieldsOf(await list("?cursor=abc"))).toEqual(["query.cursor"]);
    expect(codeOf(await api.gateway.api("GET", "/v1/requests", { key: undefined }))).toBe(
      "AUTH_TOKEN_MISSING",
    );
  });
});
