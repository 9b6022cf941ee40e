import { describe, expect, test } from "bun:test";
import { regionOfHost } from "../../src/providers/aws-region.ts";
import { AwsSigner } from "../../src/upstream/auth/aws.ts";
import { expectedSignature, partsOf } from "../fakes/aws-signature.ts";

const PARTS = {
  access_key_id: "AKIDEXAMPLE",
  secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const AT_MS = Date.UTC(2015, 7, 30, 12, 36, 0);
const EXAMPLE = { tls: true, host: "example.amazonaws.com", hostname: "example.amazonaws.com", basePath: "" };

function signatureOf(headers: Readonly<Record<string, string>>): string | undefined {
  return /Signature=([0-9a-f]{64})$/.exec(headers["authorization"] ?? "")?.[1];
}

describe("signatures", () => {
  // Amazon's own: "Signature Version 4 test suite".
  test.each([
    ["get-vanilla", "GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
    ["post-vanilla", "POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
    [
      "get-vanilla-query-order-key-case",
      "GET",
      "/?Param2=value2&Param1=value1",
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
  ] as const)("of the published vector %s", async (_name, method, path, expected) => {
    const parts = { ...PARTS, region: "us-east-1" };
    const headers = await new AwsSigner().headersFor({ method, path }, EXAMPLE, parts, "service", AT_MS);
    expect(headers["authorization"]).toStartWith(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date",
    );
    expect(headers["x-amz-date"]).toBe("20150830T123600Z");
    expect(signatureOf(headers)).toBe(expected);
  });

  test("of a call to Bedrock, as an independent computation of it: session, body, a colon in the path", async () => {
    const host = "bedrock-runtime.eu-west-1.amazonaws.com";
    const parts = { ...PARTS, session_token: "FwoGZXIvYXdzEBYaD//token+with=signs" };
    const path = `/model/${encodeURIComponent("anthropic.claude-v2:1")}/converse`;
    const body = JSON.stringify({ messages: [{ role: "user", content: [{ text: "é😀" }] }] });
    const target = { tls: true, host, hostname: host, basePath: "" };
    const headers = await new AwsSigner().headersFor(
      { method: "POST", path, body },
      target,
      parts,
      "bedrock",
      AT_MS,
    );
    expect(headers["x-amz-security-token"]).toBe(parts.session_token);
    const call = { method: "POST", target: path, headers: new Headers({ host, ...headers }), text: body };
    expect(partsOf(headers["authorization"] ?? "")).toMatchObject({
      keyId: "AKIDEXAMPLE",
      scope: ["20150830", "eu-west-1", "bedrock", "aws4_request"],
      names: ["host", "x-amz-date", "x-amz-security-token"],
    });
    expect(signatureOf(headers)).toBe(expectedSignature(call, parts.secret_access_key));
  });

  test("where no region is known are refused, before anything is sent", async () => {
    const signed = new AwsSigner().headersFor({ method: "GET", path: "/" }, EXAMPLE, PARTS, "bedrock", AT_MS);
    await expect(signed).rejects.toThrow("names no region");
  });
});

test.each([
  ["bedrock-runtime.us-east-1.amazonaws.com", "us-east-1"],
  ["bedrock.eu-central-2.amazonaws.com", "eu-central-2"],
  ["bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"],
  ["vpce-0a-1b.bedrock-runtime.ap-southeast-2.vpce.amazonaws.com", "ap-southeast-2"],
  ["bedrock-runtime.cn-north-1.amazonaws.com.cn", "cn-north-1"],
  ["bedrock-runtime.us-east-1.amazonaws.com.evil.example", undefined],
  ["127.0.0.1", undefined],
])("the host %p is in region %p", (host, region) => {
  expect(regionOfHost(host)).toBe(region);
});
