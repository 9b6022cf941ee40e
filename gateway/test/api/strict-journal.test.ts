import { expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { describeApi, eventually, itemsOf, requestIdOf } from "./started.ts";

describeApi(
  "a gateway with a strict journal",
  (api) => {
    test("answers, whole and streamed, and has every call on record across kill -9", async () => {
      const replies = await Promise.all(Array.from({ length: 20 }, () => api.chat()));
      expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
      const stream = await api.stream();
      expect((await stream.end()).doneCount).toBe(1);
      await api.gateway.kill();
      await api.gateway.restart();
      const ids = [...replies.map(requestIdOf), stream.requestId];
      const list = await eventually(
        "records",
        () => api.gateway.api("GET", "/v1/accounting/usage?limit=100"),
        (reply) => itemsOf(reply).length >= ids.length,
      );
      const known = new Map(itemsOf(list).map((item) => [item["request_id"], item["status"]]));
      expect(ids.map((id) => known.get(id))).toEqual(ids.map(() => "completed"));
      expect(pick((await api.chat()).body, "status")).toBe("ok");
    });
  },
  { SCAIGRID_JOURNAL: "strict" },
);
