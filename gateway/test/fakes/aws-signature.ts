import { createHash, createHmac } from "node:crypto";

/** A call as it came over the wire. */
export interface SignedCall {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Headers;
  readonly text: string;
}

/** The signature that a call must have, worked out from the format alone (AWS Signature Version 4). */
export function expectedSignature({ method, target, headers, text }: SignedCall, secret: string): string {
  const { scope, names } = partsOf(headers.get("authorization") ?? "");
  const [path = "", query = ""] = target.split("?");
  const canonical = [
    method,
    // Encoded once on the wire, and once more in what is signed.
    path.replaceAll("%", "%25"),
    query,
    ...names.map((name) => `${name}:${headers.get(name) ?? ""}`),
    "",
    names.join(";"),
    createHash("sha256").update(text).digest("hex"),
  ].join("\n");
  const signed = [
    "AWS4-HMAC-SHA256",
    headers.get("x-amz-date") ?? "",
    scope.join("/"),
    createHash("sha256").update(canonical).digest("hex"),
  ].join("\n");
  const key = scope.reduce<string | Buffer>(
    (parent, word) => createHmac("sha256", parent).update(word).digest(),
    `AWS4${secret}`,
  );
  return createHmac("sha256", key).update(signed).digest("hex");
}

/** Who signed, for when, where and what, and which headers. */
export function partsOf(authorization: string): {
  readonly keyId: string;
  readonly scope: readonly string[];
  readonly names: readonly string[];
  readonly signature: string;
} {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+), SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  const [, keyId = "", scope = "", names = "", signature = ""] = match ?? [];
  return { keyId, scope: scope.split("/"), names: names.split(";"), signature };
}
