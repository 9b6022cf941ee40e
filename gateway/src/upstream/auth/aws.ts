import { AwsV4Signer } from "aws4fetch";
import type { CredentialParts } from "../../core/catalogue.ts";
import { FaultError } from "../../core/fault.ts";
import { regionOfHost } from "../../providers/aws-region.ts";
import type { Target } from "../target.ts";
import type { UpstreamCall } from "../upstream.ts";

/** Signing keys by day, region and account. */
const KEYS_MAX = 1_000;
const SIGNED = ["authorization", "x-amz-date", "x-amz-security-token"] as const;

/** Signs calls with an account's keys. Format: AWS Signature Version 4. */
export class AwsSigner {
  #keys = new Map<string, ArrayBuffer>();

  /** The headers that sign a call. Throws FaultError `auth` where no region is known. */
  async headersFor(
    { method, path, body }: Pick<UpstreamCall, "method" | "path" | "body">,
    target: Pick<Target, "tls" | "host" | "hostname" | "basePath">,
    parts: CredentialParts,
    service: string,
    nowMs: number,
  ): Promise<Readonly<Record<string, string>>> {
    const { access_key_id = "", secret_access_key = "", session_token, region } = parts;
    const signedFor = region ?? regionOfHost(target.hostname);
    if (signedFor === undefined) {
      throw new FaultError({
        class: "auth",
        reason: "the address names no region, and the credential has none",
      });
    }
    if (this.#keys.size >= KEYS_MAX) this.#keys = new Map();
    const signer = new AwsV4Signer({
      method,
      url: `${target.tls ? "https" : "http"}://${target.host}${target.basePath}${path}`,
      ...(body !== undefined && { body }),
      accessKeyId: access_key_id,
      secretAccessKey: secret_access_key,
      ...(session_token !== undefined && { sessionToken: session_token }),
      service,
      region: signedFor,
      cache: this.#keys,
      datetime: new Date(nowMs).toISOString().replaceAll(/[:-]|\.\d{3}/g, ""),
    });
    const { headers } = await signer.sign();
    return Object.fromEntries(
      SIGNED.flatMap((name) => {
        const value = headers.get(name);
        return value === null ? [] : [[name, value]];
      }),
    );
  }
}
