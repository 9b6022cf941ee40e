import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exportPKCS8, exportSPKI, generateKeyPair, importSPKI, jwtVerify } from "jose";
import type { JsonObject } from "../../src/base/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf, requestIdOf, traceOf } from "../api/started.ts";
import { expectedSignature, partsOf } from "../fakes/aws-signature.ts";
import { pick } from "../harness/json.ts";
import { ProviderServer, type Received, serveBackend } from "./provider-server.ts";

const AWS = {
  access_key_id: "AKIAIOSFODNN7EXAMPLE",
  secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  session_token: "IQoJb3JpZ2luX2VjEJr//token+of=a-session",
};
const ENTRA = {
  tenant_id: "72f988bf-86f1-41af-91ab-2d7cd011db47",
  client_id: "b6f0a1c2-0000-1111-2222-333344445555",
  client_secret: "8Q~very-secret-of-an-application",
};
const GEMINI = {
  candidates: [{ content: { parts: [{ text: "ok" }] }, finishReason: "STOP" }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1, totalTokenCount: 4 },
  responseId: "r1",
};
const CONVERSED = {
  output: { message: { role: "assistant", content: [{ text: "ok" }] } },
  stopReason: "end_turn",
  usage: { inputTokens: 3, outputTokens: 1, totalTokens: 4 },
};
const COMPLETED = {
  id: "c1",
  choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};

describeApi("credentials that are more than a key", (api) => {
  let upstream: ProviderServer;
  let authority: ProviderServer;
  let account: JsonObject = {};
  let publicKey = "";
  let minted: string[] = [];
  /** What the next answer of the upstream is, in place of a success. */
  let refusal: ((received: Received) => Response) | undefined;
  let tokenStatus = 200;

  beforeAll(async () => {
    const { privateKey, publicKey: spki } = await generateKeyPair("RS256", { extractable: true });
    publicKey = await exportSPKI(spki);
    authority = new ProviderServer(({ text }) => {
      if (tokenStatus !== 200) {
        const body = { error: "invalid_grant", error_description: `not good: ${decodeURIComponent(text)}` };
        return Response.json(body, { status: tokenStatus });
      }
      const access_token = `ya29.minted-${crypto.randomUUID()}`;
      minted.push(access_token);
      return Response.json({ access_token, expires_in: 3599, token_type: "Bearer" });
    });
    upstream = new ProviderServer((received) => {
      const answer = refusal?.(received);
      if (answer !== undefined) return answer;
      if (received.target.startsWith("/openai/")) return Response.json(COMPLETED);
      return Response.json(received.target.includes("generateContent") ? GEMINI : CONVERSED);
    });
    account = {
      type: "service_account",
      project_id: "a-project",
      private_key_id: "key-1",
      private_key: await exportPKCS8(privateKey),
      client_email: "gateway@a-project.iam.gserviceaccount.com",
      token_uri: `${authority.url}/token`,
    };
  });
  afterAll(async () => {
    await upstream.stop();
    await authority.stop();
  });
  beforeEach(() => {
    minted = [];
    refusal = undefined;
    tokenStatus = 200;
    authority.received.length = 0;
  });

  const vertex = (connection_config: JsonObject) => ({
    type: "google",
    preset: "vertex",
    base_url: `${upstream.url}/v1/projects/a-project/locations/global/publishers/google`,
    connection_config,
  });
  const bedrock = (more: JsonObject = {}) => ({
    type: "bedrock",
    base_url: upstream.url,
    connection_config: { ...AWS, region: "eu-west-1", ...more },
  });
  const azure = () => ({
    type: "azure",
    base_url: upstream.url,
    connection_config: { ...ENTRA, authority: authority.url },
  });
  const provider = (body: JsonObject) =>
    api.gateway.api("POST", "/v1/providers", { body: { name: "P", ...body } });
  const refresh = (body: JsonObject) => ({ ...body, private_key_id: crypto.randomUUID() });

  describe("a service account of Google", () => {
    test("signs who it is, and its token is shown to the upstream and shared by calls at the same time", async () => {
      const { slug } = await serveBackend(
        api.gateway,
        vertex({ service_account: refresh(account) }),
        "gemini-2.5-flash",
      );
      const replies = await Promise.all(Array.from({ length: 8 }, () => api.chat({ model: slug })));
      expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
      expect(upstream.last.target).toBe(
        "/v1/projects/a-project/locations/global/publishers/google/models/gemini-2.5-flash:generateContent",
      );
      expect(authority.received).toHaveLength(1);
      expect(upstream.last.headers.get("authorization")).toBe(`Bearer ${minted[0]}`);
      expect(upstream.last.headers.get("x-goog-api-key")).toBeNull();
      const form = new URLSearchParams(authority.last.text);
      expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
      const verified = await jwtVerify(form.get("assertion") ?? "", await importSPKI(publicKey, "RS256"), {
        issuer: "gateway@a-project.iam.gserviceaccount.com",
        audience: `${authority.url}/token`,
      });
      expect(verified.payload["scope"]).toBe("https://www.googleapis.com/auth/cloud-platform");
    });

    test("may be kept in a file, as one value or in place of a key", async () => {
      const file = join(api.gateway.dataDir, "..", `${crypto.randomUUID()}.json`);
      await writeFile(file, JSON.stringify(refresh(account), undefined, 2));
      for (const config of [{ service_account: `file:${file}` }, { api_key: `file:${file}` }]) {
        const { slug, providerId } = await serveBackend(api.gateway, vertex(config), "gemini-2.5-flash");
        expect((await api.chat({ model: slug })).status).toBe(200);
        expect(upstream.last.headers.get("authorization")).toStartWith("Bearer ya29.");
        const seen = await api.gateway.api("GET", `/v1/providers/${providerId}`);
        expect(pick(seen.body, "data.connection")).toEqual({
          api_key_last4: "",
          api_key_from: `file:${file}`,
          api_key_found: true,
          account: "gateway@a-project.iam.gserviceaccount.com",
        });
      }
      await api.gateway.restart();
      const { slug } = await serveBackend(
        api.gateway,
        vertex({ service_account: `file:${file}` }),
        "gemini-2.5-flash",
      );
      expect((await api.chat({ model: slug })).status).toBe(200);
    });

    test("whose token the upstream refuses gets another for the next call", async () => {
      const { slug } = await serveBackend(api.gateway, vertex({ service_account: refresh(account) }), "m");
      expect((await api.chat({ model: slug })).status).toBe(200);
      refusal = () => Response.json({ error: { code: 401, status: "UNAUTHENTICATED" } }, { status: 401 });
      const refused = await api.chat({ model: slug });
      expect([refused.status, codeOf(refused)]).toEqual([502, "BACKEND_ERROR"]);
      refusal = undefined;
      expect((await api.chat({ model: slug })).status).toBe(200);
      expect(new Set(minted).size).toBe(2);
    });

    test.each([400, 500])(
      "that is refused with %d is our trouble, and the statement it made is told nobody",
      async (status) => {
        const { slug } = await serveBackend(api.gateway, vertex({ service_account: refresh(account) }), "m");
        tokenStatus = status;
        const calls = upstream.received.length;
        const reply = await api.chat({ model: slug });
        expect(reply.status).toBeGreaterThanOrEqual(502);
        expect(upstream.received).toHaveLength(calls);
        const assertion = new URLSearchParams(authority.last.text).get("assertion") ?? "none";
        const trace = await traceOf(api.gateway, requestIdOf(reply));
        expect(trace.text).toContain(status === 400 ? "invalid_grant" : `${status}`);
        for (const text of [reply.text, trace.text, api.gateway.output.text])
          expect(text).not.toContain(assertion);
      },
    );

    test.each([
      ["is none", { service_account: { type: "authorized_user" } }, "connection_config.service_account"],
      ["is not there", { service_account: "file:/no/such/file" }, "connection_config.service_account"],
      ["has parts of others", { service_account: "{}", region: "x" }, "connection_config.region"],
      ["has a key beside it", { service_account: "{}", api_key: "k" }, "connection_config.service_account"],
      ["is nothing at all", {}, "connection_config.api_key"],
    ])("that %s is refused", async (_name, config, field) => {
      const reply = await provider(vertex(config));
      expect([reply.status, codeOf(reply), fieldsOf(reply)[0]]).toEqual([422, "VALIDATION_ERROR", field]);
    });

    test("is asked for its models where Vertex lists them", async () => {
      const { providerId } = await serveBackend(
        api.gateway,
        vertex({ service_account: refresh(account) }),
        "m",
      );
      const publisherModels = [{ name: "publishers/google/models/gemini-2.5-flash" }];
      refusal = () => Response.json({ publisherModels });
      const reply = await api.gateway.api("POST", `/v1/providers/${providerId}/discover`);
      expect(itemsOf(reply).map((item) => item["upstream_model"])).toEqual(["gemini-2.5-flash"]);
      expect(upstream.last.target).toBe("/v1beta1/publishers/google/models?pageSize=1000");
    });

    test("tells the address where none is given", async () => {
      const { base_url: _url, ...rest } = vertex({ service_account: account });
      expect(pick((await provider(rest)).body, "data.base_url")).toBe(
        "https://aiplatform.googleapis.com/v1/projects/a-project/locations/global/publishers/google",
      );
      const unknown = await provider({ ...rest, connection_config: { api_key: "AQ.key-of-express-mode" } });
      expect(fieldsOf(unknown)).toEqual(["base_url"]);
    });
  });

  describe("keys of an account at Amazon", () => {
    test("sign each call as Amazon works it out", async () => {
      const { slug } = await serveBackend(api.gateway, bedrock(), "amazon.nova-pro-v1:0");
      expect((await api.chat({ model: slug, messages: [{ role: "user", content: "é😀" }] })).status).toBe(
        200,
      );
      const { headers } = upstream.last;
      const signed = partsOf(headers.get("authorization") ?? "");
      expect(signed.keyId).toBe(AWS.access_key_id);
      expect(signed.scope.slice(1)).toEqual(["eu-west-1", "bedrock", "aws4_request"]);
      expect(headers.get("x-amz-security-token")).toBe(AWS.session_token);
      expect(signed.signature).toBe(expectedSignature(upstream.last, AWS.secret_access_key));
    });

    test("sign the call that lists models too", async () => {
      const { providerId } = await serveBackend(api.gateway, bedrock(), "amazon.nova-pro-v1:0");
      refusal = () => Response.json({ modelSummaries: [{ modelId: "amazon.nova-pro-v1:0" }] });
      const reply = await api.gateway.api("POST", `/v1/providers/${providerId}/test`);
      expect(pick(reply.body, "data")).toMatchObject({ ok: true, models_found: 1 });
      const { signature } = partsOf(upstream.last.headers.get("authorization") ?? "");
      expect(signature).toBe(expectedSignature(upstream.last, AWS.secret_access_key));
    });

    test("need a region where the address names none, and tell the address where none is given", async () => {
      const { base_url: _url, ...rest } = bedrock();
      expect(pick((await provider(rest)).body, "data.base_url")).toBe(
        "https://bedrock-runtime.eu-west-1.amazonaws.com",
      );
      const { region: _region, ...keys } = rest.connection_config;
      const nowhere = await provider({ ...rest, base_url: upstream.url, connection_config: keys });
      expect(fieldsOf(nowhere)).toEqual(["connection_config.region"]);
      const named = "https://bedrock-runtime.us-east-1.amazonaws.com";
      expect((await provider({ ...rest, base_url: named, connection_config: keys })).status).toBe(201);
      const half = await provider({ ...rest, connection_config: { access_key_id: "AKIA" } });
      expect(fieldsOf(half)).toContain("connection_config.secret_access_key");
    });
  });

  describe("an application of Entra", () => {
    test("gets a token for its secret, and calls go to the address that the portal shows", async () => {
      const { slug } = await serveBackend(api.gateway, azure(), "my-deployment");
      expect((await api.chat({ model: slug, max_tokens: 5 })).status).toBe(200);
      expect(authority.last.target).toBe(`/${ENTRA.tenant_id}/oauth2/v2.0/token`);
      expect(Object.fromEntries(new URLSearchParams(authority.last.text))).toEqual({
        grant_type: "client_credentials",
        client_id: ENTRA.client_id,
        client_secret: ENTRA.client_secret,
        scope: "https://cognitiveservices.azure.com/.default",
      });
      expect(upstream.last.target).toBe("/openai/v1/chat/completions");
      expect(upstream.last.headers.get("authorization")).toBe(`Bearer ${minted[0]}`);
      expect(upstream.last.body).toMatchObject({ model: "my-deployment", max_completion_tokens: 5 });
    });

    test("or a key of the resource in its own header", async () => {
      const config = {
        type: "azure",
        base_url: upstream.url,
        connection_config: { api_key: "azure-key-0123456789" },
      };
      const { slug } = await serveBackend(api.gateway, config, "my-deployment");
      expect((await api.chat({ model: slug })).status).toBe(200);
      expect(upstream.last.headers.get("api-key")).toBe("azure-key-0123456789");
      expect(upstream.last.headers.get("authorization")).toBeNull();
    });
  });

  test("are told nobody: not the parts, nor the tokens and signatures made of them, whatever an upstream quotes", async () => {
    const served = [
      await serveBackend(api.gateway, vertex({ service_account: refresh(account) }), "m"),
      await serveBackend(api.gateway, bedrock(), "m"),
      await serveBackend(api.gateway, azure(), "m"),
    ];
    const shown: string[] = [];
    const quote = ({ headers }: Received, own: string): string => {
      const authorization = headers.get("authorization") ?? "";
      const { signature } = partsOf(authorization);
      const token = authorization.startsWith("Bearer ") ? authorization.slice(7) : signature;
      shown.push(token);
      return `${token} ${headers.get("x-amz-security-token") ?? ""} ${own}`;
    };
    const told: string[] = [];
    const owns = [String(account["private_key"]), AWS.secret_access_key, ENTRA.client_secret];
    for (const [i, { slug, providerId, backendId }] of served.entries()) {
      const own = owns[i] ?? "";
      refusal = (received) => Response.json({ error: { message: quote(received, own) } }, { status: 400 });
      const refused = await api.chat({ model: slug });
      refusal = (received) =>
        Response.json({ ...GEMINI, ...CONVERSED, ...COMPLETED, note: quote(received, own) });
      const passed = await api.chat({ model: slug });
      for (const reply of [refused, passed]) {
        told.push(reply.text, (await traceOf(api.gateway, requestIdOf(reply))).text);
      }
      told.push((await api.gateway.api("GET", `/v1/providers/${providerId}`)).text);
      told.push((await api.gateway.api("GET", `/v1/backends/${backendId}`)).text);
    }
    told.push(api.gateway.output.text);
    const key = String(account["private_key"]).split("\n")[1] ?? "";
    expect(shown).toHaveLength(6);
    for (const secret of [...shown, AWS.secret_access_key, AWS.session_token, ENTRA.client_secret, key]) {
      expect(secret.length).toBeGreaterThan(20);
      for (const text of told) expect(text).not.toContain(secret);
    }
  });
});
