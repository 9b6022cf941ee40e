import { z } from "zod";
import { isReference, KEY_BREAK, type ReferenceReader, referenceProblem } from "../../config/references.ts";
import { CREDENTIAL_PARTS, type CredentialPart, type CredentialParts } from "../../core/catalogue.ts";
import type { ErrorDetail } from "../../errors.ts";
import { addressOf } from "../../providers/address.ts";
import { PARTS_OF } from "../../providers/auth.ts";
import { regionOfHost } from "../../providers/aws-region.ts";
import { textOfParts } from "../../providers/credential-text.ts";
import { serviceAccountIn } from "../../providers/service-account.ts";
import type { Vendor } from "../../providers/vendor.ts";
import { checkUrl } from "../../upstream/egress/guard.ts";

const PRINTABLE = /^[\x21-\x7e]*$/;
const WHERE = "Or where it is kept: `env:NAME` or `file:/path`.";

/** Keys beside the first. */
export const MORE_KEYS_MAX = 15;
const printable = z
  .string()
  .min(1, "must not be empty")
  .max(4_096, "must have at most 4096 characters")
  .regex(PRINTABLE, "must be printable ASCII without blanks: check for a stray line break");

function word(description: string) {
  return printable.optional().describe(description);
}

/** What a caller gives to connect to an account: written, never read back. A key, or the parts its vendor takes. */
export const connectionConfig = z.strictObject({
  api_key: word(
    "The key, or where it is kept: `env:NAME` or `file:/path`, read by the gateway at its start.",
  ),
  more_api_keys: z
    .array(printable)
    .max(MORE_KEYS_MAX, `must have at most ${MORE_KEYS_MAX} keys`)
    .optional()
    .describe("Further keys, shown in turn when the provider refuses one or allows it no more calls."),
  service_account: z
    .union([z.string().min(1).max(16_384), z.record(z.string(), z.unknown())])
    .optional()
    .describe(`Google: the key file of a service account. ${WHERE}`),
  access_key_id: word(`Amazon. ${WHERE}`),
  secret_access_key: word(`Amazon. ${WHERE}`),
  session_token: word(`Amazon, of temporary credentials. ${WHERE}`),
  region: word("Amazon, where the address names none."),
  tenant_id: word(`Microsoft Entra. ${WHERE}`),
  client_id: word(`Microsoft Entra. ${WHERE}`),
  client_secret: word(`Microsoft Entra. ${WHERE}`),
  authority: word("Microsoft Entra of another cloud: `https://login.microsoftonline.us`."),
});
export type ConnectionConfig = z.output<typeof connectionConfig>;

/** What is needed to judge a credential that was given. */
export interface ConnectionFacts {
  readonly vendor: Vendor;
  /** Where calls will go. */
  readonly baseUrl: string | undefined;
  readonly allowPrivate: boolean;
  readonly read: ReferenceReader;
}

/** The text that is sealed; undefined where nothing was given. */
export function sealable(config: ConnectionConfig | null | undefined): string | undefined {
  if (config === null || config === undefined) return undefined;
  // None of them has a line break.
  if (config.api_key !== undefined) return [config.api_key, ...(config.more_api_keys ?? [])].join(KEY_BREAK);
  const parts = partsOf(config);
  return Object.keys(parts).length === 0 ? undefined : textOfParts(parts);
}

/**
 * Why a credential that was given cannot be used, by field. References are read once, so that a slip is told now and
 * not with the first call.
 */
export function connectionIssues(config: ConnectionConfig, facts: ConnectionFacts): ErrorDetail[] {
  const { vendor, read } = facts;
  const parts = partsOf(config);
  const [first] = CREDENTIAL_PARTS.filter((part) => parts[part] !== undefined);
  const more = config.more_api_keys ?? [];
  if (more.length > 0 && config.api_key === undefined)
    return [issue("api_key", "is needed before further keys")];
  if (first === undefined) {
    const others = more.flatMap((key, at) =>
      keyIssues(key, vendor, read).map((each) => ({
        ...each,
        field: `connection_config.more_api_keys[${at}]`,
      })),
    );
    return [...keyIssues(config.api_key, vendor, read), ...others];
  }
  if (config.api_key !== undefined) return [issue(first, "stands beside api_key: give one or the other")];
  const scheme = vendor.partsScheme;
  if (scheme === undefined) return [issue(first, `is not what ${vendor.label} takes: give an api_key`)];
  const { required, optional } = PARTS_OF[scheme.kind];
  const known: readonly CredentialPart[] = [...required, ...optional];
  const issues = CREDENTIAL_PARTS.flatMap((part) => {
    if (parts[part] !== undefined) {
      const others = `is not what ${vendor.label} takes: give ${required.join(", ")}`;
      return known.includes(part) ? partIssues(part, parts[part], read) : [issue(part, others)];
    }
    return required.includes(part) ? [issue(part, `is needed beside ${first}`)] : [];
  });
  return issues.length > 0 ? issues : wholeIssues(parts, facts);
}

function keyIssues(key: string | undefined, vendor: Vendor, read: ReferenceReader): ErrorDetail[] {
  if (key === undefined) return [issue("api_key", `is needed for ${vendor.label}`)];
  if (!isReference(key)) return [];
  const problem = referenceProblem(key);
  if (problem !== undefined) return [issue("api_key", problem)];
  const { apiKey, parts } = read(key);
  if (parts !== undefined && vendor.partsScheme?.kind !== "google_service_account") {
    return [
      issue("api_key", `leads to the key file of an account at Google, which ${vendor.label} does not take`),
    ];
  }
  return apiKey === undefined && parts === undefined ? [issue("api_key", nothingAt(key))] : [];
}

function partIssues(part: CredentialPart, text: string, read: ReferenceReader): ErrorDetail[] {
  if (!isReference(text)) return [];
  const problem = referenceProblem(text);
  if (problem !== undefined) return [issue(part, problem)];
  const { apiKey, parts } = read(text);
  return apiKey === undefined && parts === undefined ? [issue(part, nothingAt(text))] : [];
}

function nothingAt(reference: string): string {
  return `leads to no key: the gateway finds nothing at ${reference}`;
}

/** What can be told only once every part is there. */
function wholeIssues(
  given: CredentialParts,
  { vendor, baseUrl, allowPrivate, read }: ConnectionFacts,
): ErrorDetail[] {
  const { parts } = read(textOfParts(given));
  if (parts?.service_account !== undefined) {
    const account = serviceAccountIn(parts.service_account);
    if (account === undefined) return [issue("service_account", "is not the key file of a service account")];
    const problem = checkUrl(account.token_uri, { allowPrivate });
    return problem === undefined ? [] : [issue("service_account", `its token_uri ${problem}`)];
  }
  if (vendor.partsScheme?.kind === "aws_sigv4" && parts?.region === undefined) {
    const host = URL.parse(baseUrl ?? vendor.baseUrl ?? "")?.hostname ?? "";
    return regionOfHost(host) === undefined ? [issue("region", "is needed: the address names none")] : [];
  }
  if (parts?.authority === undefined) return [];
  const problem = checkUrl(parts.authority, { allowPrivate });
  return problem === undefined ? [] : [issue("authority", problem)];
}

function issue(name: CredentialPart | "api_key", message: string): ErrorDetail {
  return { field: `connection_config.${name}`, message };
}

function partsOf({
  api_key: _key,
  more_api_keys: _keys,
  service_account: account,
  ...others
}: ConnectionConfig): CredentialParts {
  const parts: Partial<Record<CredentialPart, string>> = {};
  for (const part of CREDENTIAL_PARTS) {
    const text = part === "service_account" ? accountText(account) : others[part];
    if (text !== undefined) parts[part] = text;
  }
  return parts;
}

function accountText(account: ConnectionConfig["service_account"]): string | undefined {
  return account === undefined || typeof account === "string" ? account : JSON.stringify(account);
}

/** The address that a vendor's pattern makes of a credential: its region, its project. Undefined where it tells none. */
export function impliedAddress(
  { addressPattern }: Vendor,
  config: ConnectionConfig | undefined,
  read: ReferenceReader,
): string | undefined {
  const text = sealable(config);
  if (addressPattern === undefined || text === undefined) return undefined;
  const { parts } = read(text);
  return addressOf(addressPattern, {
    region: parts?.region,
    project: serviceAccountIn(parts?.service_account ?? "")?.project_id,
  });
}
