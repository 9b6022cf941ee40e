import { beforeAll, describe, expect, test } from "bun:test";
import { AVATAR_SIDE_MAX, avatarOf } from "../../src/admin/models/avatar-image.ts";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi } from "./started.ts";

/** A picture with something in it that must not be kept. */
async function picture(width: number, height: number): Promise<Buffer> {
  const pixel = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  const drawn = await new Bun.Image(pixel).resize(width, height).png().bytes();
  return Buffer.concat([drawn, Buffer.from("<script>alert(1)</script>")]);
}

const asDataUrl = (bytes: Buffer) => `data:image/png;base64,${bytes.toString("base64")}`;

describe("a picture", () => {
  test("is drawn anew: within bounds, in its proportions, and with nothing of what else was sent", async () => {
    const avatar = await avatarOf(asDataUrl(await picture(600, 300)));
    const webp = Buffer.from(avatar?.webp ?? "", "base64");
    expect(await new Bun.Image(webp).metadata()).toEqual({
      width: AVATAR_SIDE_MAX,
      height: 64,
      format: "webp",
    });
    expect(webp.includes("script")).toBe(false);
  });

  test("that is small stays as small as it is", async () => {
    const avatar = await avatarOf((await picture(10, 20)).toString("base64"));
    const webp = Buffer.from(avatar?.webp ?? "", "base64");
    expect(await new Bun.Image(webp).metadata()).toMatchObject({ width: 10, height: 20 });
  });

  test.each([
    ["no base64", "not base64!"],
    ["nothing", "data:image/png;base64,"],
    ["a drawing that may hold scripts", btoa(`<svg xmlns="http://www.w3.org/2000/svg"/>`)],
  ])("is none where it is %s", async (_what, sent) => {
    expect(await avatarOf(sent)).toBeUndefined();
  });

  test("is none where it is cut, or claims more pixels than anybody looks at", async () => {
    const whole = await picture(64, 64);
    expect(await avatarOf(whole.subarray(0, 60).toString("base64"))).toBeUndefined();
    const huge = Buffer.from(whole);
    huge.writeUInt32BE(30_000, 16);
    huge.writeUInt32BE(30_000, 20);
    expect(await avatarOf(huge.toString("base64"))).toBeUndefined();
  });
});

describeApi("the picture of a model", (api) => {
  let id = "";
  beforeAll(async () => {
    const body = { slug: "acme/pictured", display_name: "Pictured", modality: "chat", context_window: 1_000 };
    const made = await api.gateway.api("POST", "/v1/models", { body });
    id = pickText(made.body, "data.id");
  });

  const set = (image: unknown, model = id) =>
    api.gateway.api("POST", `/v1/models/${model}/avatar`, { body: { image } });
  const get = (path = `/v1/models/${id}/avatar`) => fetch(`${api.gateway.url}${path}`);

  test("is not there before it was set", async () => {
    expect((await get()).status).toBe(404);
    expect((await get("/v1/models/model_none/avatar")).status).toBe(404);
  });

  test("is told in its model, stands open to everybody, outlives changes of the model and goes when it is taken away", async () => {
    const given = await set(asDataUrl(await picture(200, 200)));
    expect(given.status).toBe(200);
    const url = pickText(given.body, "data.avatar_url");
    const patched = await api.gateway.api("PATCH", `/v1/models/${id}`, { body: { display_name: "Renamed" } });
    expect(pick(patched.body, "data.avatar_url")).toBe(url);
    expect((await api.gateway.api("GET", url)).status).toBe(200);
    const answer = await get(url);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/webp"]);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    const shown = await new Bun.Image(await answer.arrayBuffer()).metadata();
    expect(shown).toMatchObject({ width: 128, format: "webp" });
    const other = await set(asDataUrl(await picture(100, 50)));
    expect(pickText(other.body, "data.avatar_url")).not.toBe(url);
    const taken = await set(null);
    expect([taken.status, pick(taken.body, "data.avatar_url")]).toEqual([200, undefined]);
    expect((await get()).status).toBe(404);
  });

  test("is refused with the field where it is none, and for no model", async () => {
    const refused = await set("bm90IGEgcGljdHVyZQ==");
    expect([refused.status, pick(refused.body, "error.details.0.field")]).toEqual([422, "image"]);
    expect(codeOf(await set(null, "model_none"))).toBe("MODEL_NOT_FOUND");
  });
});
