import { sha256Hex } from "../../base/crypto.ts";
import type { AuditChainTable, AuditLogTable } from "./tables.ts";

/** What the first link stands on. */
export const GENESIS = "0".repeat(64);

/** A place in the chain: the number of a link and its hash. */
export interface ChainPoint {
  readonly seq: bigint;
  readonly hash: string;
}

/** Where a chain begins of which nothing has been deleted. */
export const CHAIN_START: ChainPoint = { seq: 0n, hash: GENESIS };

/**
 * SHA-256, in hex, of a row in its canonical form: the JSON array of its columns in this order, without blanks, numbers
 * as decimal strings, and `changes` as the text that is stored.
 */
export function rowHash(row: AuditLogTable): string {
  return sha256Hex(
    JSON.stringify([
      row.id,
      row.at.toString(),
      row.action,
      row.actor_id,
      row.actor_email,
      row.actor_type,
      row.tenant_id,
      row.partner_id,
      row.resource_type,
      row.resource_id,
      row.ip_address,
      row.user_agent,
      row.status,
      row.error_code,
      row.request_id,
      row.count.toString(),
      row.changes,
    ]),
  );
}

/** SHA-256, in hex, of the link before, the number, the row's id and the row's hash, one to a line. */
export function linkHash(before: string, seq: bigint, auditId: string, hashOfRow: string): string {
  return sha256Hex([before, seq.toString(), auditId, hashOfRow].join("\n"));
}

/** The links that seal these rows, in their order, after `head`. */
export function linksAfter(head: ChainPoint, rows: readonly AuditLogTable[]): AuditChainTable[] {
  let { seq, hash } = head;
  return rows.map((row) => {
    const hashOfRow = rowHash(row);
    seq += 1n;
    hash = linkHash(hash, seq, row.id, hashOfRow);
    return { seq, audit_id: row.id, row_hash: hashOfRow, hash };
  });
}

/**
 * - `changed`: the entry is not what was sealed
 * - `deleted`: the entry is gone, its link is there
 * - `missing`: links are gone, and their entries with them
 * - `moved`: the entry says that it stands elsewhere in the chain
 * - `broken`: the link does not follow from the one before: the chain itself was rewritten or reordered
 * - `foreign`: the entry claims to be sealed, and no link is its own
 */
export type FindingKind = "changed" | "deleted" | "missing" | "moved" | "broken" | "foreign";

/** Something that is not as it was sealed. */
export interface Finding {
  readonly kind: FindingKind;
  readonly seq: bigint;
  /** The entry; of `missing` links nobody knows it. */
  readonly auditId?: string;
  /** The last of several missing links. */
  readonly lastSeq?: bigint;
}

/** A link with its entry, if that is still there. */
export interface LinkedRow {
  readonly link: AuditChainTable;
  readonly row: AuditLogTable | undefined;
}

/** Checks links that follow `after`, in order of their numbers. */
export function checkLinks(
  after: ChainPoint,
  linked: readonly LinkedRow[],
): { readonly findings: readonly Finding[]; readonly head: ChainPoint } {
  const findings: Finding[] = [];
  let head = after;
  for (const { link, row } of linked) {
    const { seq, audit_id: auditId } = link;
    const isGap = seq !== head.seq + 1n;
    if (isGap) findings.push({ kind: "missing", seq: head.seq + 1n, lastSeq: seq - 1n });
    else if (linkHash(head.hash, seq, auditId, link.row_hash) !== link.hash) {
      findings.push({ kind: "broken", seq, auditId });
    }
    if (!row) findings.push({ kind: "deleted", seq, auditId });
    else if (rowHash(row) !== link.row_hash) findings.push({ kind: "changed", seq, auditId });
    else if (row.sealed_seq !== seq) findings.push({ kind: "moved", seq, auditId });
    head = { seq, hash: link.hash };
  }
  return { findings, head };
}
