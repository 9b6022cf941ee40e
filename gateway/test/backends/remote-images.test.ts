import { afterAll, beforeAll, expect, test } from "bun:test";
import { describeApi, detailsOf, requestIdOf, type Started, traceOf } from "../api/started.ts";
import { Certificates } from "../fakes/certificates.ts";
import { bedrockFormat } from "../fakes/native-formats.ts";
import type { ApiReply } from "../harness/api.ts";
import { pick } from "../harness/json.ts";
import { describeWith } from "../parts.ts";
import { ProviderServer, type Received, type ServedBackend, serveBackend } from "./provider-server.ts";

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const ANSWER = JSON.stringify(bedrockFormat.whole("seen", "end_turn", "right"));
const FIELD = "messages[0].content[1].image_url.url";

const bedrock = new ProviderServer(() => new Response(ANSWER));

/** Does as the path says. */
function image({ target }: Received): Response {
  switch (target) {
    case "/image.png":
      return new Response(PNG, { headers: { "content-type": "text/plain" } });
    case "/moved.png":
      return Response.redirect("/image.png");
    case "/page.png":
      return new Response("<html>", { headers: { "content-type": "image/png" } });
    case "/large.png":
      return new Response(Buffer.concat([PNG, Buffer.alloc(10_000_000)]));
    default:
      return new Response("no", { status: 404 });
  }
}

afterAll(() => bedrock.stop());

const account = () => ({
  type: "bedrock",
  base_url: bedrock.url,
  connection_config: { api_key: "bedrock-api-key-0123456789abcdef" },
});

function asked(...urls: readonly string[]): readonly object[] {
  const parts = urls.map((url) => ({ type: "image_url", image_url: { url } }));
  return [{ role: "user", content: [{ type: "text", text: "what is this?" }, ...parts] }];
}

/** Refused with this said of the image, and nobody asked. */
function expectRefused(reply: ApiReply, message: string): void {
  expect([reply.status, detailsOf(reply)]).toEqual([422, [{ field: FIELD, message }]]);
}

describeWith(Bun.which("openssl"), "openssl, to make certificates", "images by address", (openssl) => {
  const certificates = new Certificates(openssl);
  const images = new ProviderServer(image, certificates.signed("images", "localhost", 2));
  const here = `https://localhost:${images.port}`;
  afterAll(async () => {
    await images.stop();
    certificates.remove();
  });

  describeApi(
    "an image given by address, for a provider that takes bytes",
    (api: Started) => {
      let served: ServedBackend;
      beforeAll(async () => {
        served = await serveBackend(api.gateway, account(), "anthropic.claude");
      });
      const ask = (url: string) => api.chat({ model: served.slug, messages: asked(url) });

      test("is fetched once and sent as what it is", async () => {
        const before = images.received.length;
        const url = `${here}/image.png`;
        const reply = await api.chat({ model: served.slug, messages: asked(url, url) });
        expect(reply.status).toBe(200);
        const image = { image: { format: "png", source: { bytes: PNG.toString("base64") } } };
        expect(pick(bedrock.last.body, "messages.0.content")).toEqual([
          { text: "what is this?" },
          image,
          image,
        ]);
        expect(images.received.length - before).toBe(1);
        const trace = await traceOf(api.gateway, requestIdOf(reply));
        expect(JSON.stringify(pick(trace.body, "data.timeline"))).toContain("1 of 1, 16 bytes");
      });

      test("is fetched for a server that speaks OpenAI's chat and takes no addresses, as Ollama does", async () => {
        const ollama = { type: "custom", preset: "ollama", base_url: api.fake.url };
        const { slug } = await serveBackend(api.gateway, ollama, "fake-ok?tokens=2");
        for (const path of ["/v1/inference/chat", "/oai/v1/chat/completions"]) {
          const body = { model: slug, messages: asked(`${here}/image.png`) };
          const reply = await api.gateway.api("POST", path, { key: api.gateway.firstKey, body });
          expect(reply.status).toBe(200);
          expect(pick(api.fake.log.records.at(-1)?.body, "messages.0.content.1.image_url.url")).toBe(
            `data:image/png;base64,${PNG.toString("base64")}`,
          );
        }
      });

      test.each([
        ["/none.png", "could not be fetched: its server answers 404"],
        ["/moved.png", "could not be fetched: its server answers 302, and redirects are not followed"],
        ["/page.png", "could not be fetched: it is no PNG, JPEG, GIF or WebP image"],
        ["/large.png", "could not be fetched: it is larger than 10 MB"],
      ])("is the caller's to put right where it is %s", async (path, message) => {
        const before = bedrock.received.length;
        expectRefused(await ask(`${here}${path}`), message);
        expect(bedrock.received).toHaveLength(before);
      });

      test.each([
        ["https://127.0.0.1:1/x.png", "could not be fetched: its server cannot be reached"],
        [
          "https://169.254.169.254/latest/meta-data/x.png",
          "could not be fetched: its address leads where this gateway may not go",
        ],
        ["https://user:secret@example.com/x.png", "must not carry a user name or password"],
      ])("is refused as %s", async (url, message) => expectRefused(await ask(url), message));

      test("are no more than sixteen", async () => {
        const urls = Array.from({ length: 17 }, (_, i) => `${here}/image.png?${i}`);
        const reply = await api.chat({ model: served.slug, messages: asked(...urls) });
        expect(detailsOf(reply)).toEqual([
          { field: "messages[0].content[17].image_url.url", message: "are more than 16 images by address" },
        ]);
      });

      test("goes by its address to a second backend that takes it, where it cannot be fetched", async () => {
        const second = await api.model("fake-ok?tokens=2");
        const targets = [served.backendId, ...second.backendIds].map((backend_id, i) => ({
          backend_id,
          priority: i + 1,
        }));
        await api.gateway.api("PATCH", `/v1/routing-policies/${second.policyId}`, { body: { targets } });
        const url = `${here}/none.png`;
        const reply = await api.chat({ model: second.slug, messages: asked(url) });
        expect(reply.status).toBe(200);
        expect(pick(api.fake.log.records.at(-1)?.body, "messages.0.content.1.image_url.url")).toBe(url);
      });

      test("is fetched when its turn comes, where the first backend takes addresses and fails", async () => {
        const first = await api.model("fake-status?code=503");
        const targets = [...first.backendIds, served.backendId].map((backend_id, i) => ({
          backend_id,
          priority: i + 1,
        }));
        await api.gateway.api("PATCH", `/v1/routing-policies/${first.policyId}`, { body: { targets } });
        const messages = asked(`${here}/image.png`);
        const reply = await api.chat({ model: first.slug, messages });
        expect(pick(reply.body, "data.choices.0.message.content")).toBe("seen");
        expect(pick(bedrock.last.body, "messages.0.content.1.image.source.bytes")).toBe(
          PNG.toString("base64"),
        );
      });
    },
    { SCAIGRID_ALLOW_PRIVATE_MEDIA: "on", NODE_EXTRA_CA_CERTS: certificates.authority },
  );

  describeApi("images on private networks", (api: Started) => {
    test("are not fetched unless an operator says so", async () => {
      const { slug } = await serveBackend(api.gateway, account(), "anthropic.claude");
      const before = images.received.length;
      const ask = (url: string) => api.chat({ model: slug, messages: asked(url) });
      const away = "could not be fetched: its address leads where this gateway may not go";
      for (const host of ["127.0.0.1", "localhost", "10.0.0.1", "[::1]", "0x7f.1"]) {
        expectRefused(await ask(`https://${host}:${images.port}/image.png`), away);
      }
      expect(images.received).toHaveLength(before);
    });
  });
});
