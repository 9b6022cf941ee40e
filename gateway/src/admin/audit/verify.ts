import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { checkLinks, type ChainPoint, type Finding } from "../../store/audit/chain.ts";
import {
  chainAnchor,
  countUnsealed,
  foreignEntries,
  linkedRows,
  parsePoint,
  pointText,
} from "../../store/audit/chain-reader.ts";
import { adminEndpoint } from "../endpoint.ts";

/** Links of one answer: some milliseconds of hashing. */
const LINKS_AT_ONCE = 1_000;
/** Findings of one kind that one answer tells. */
const FOREIGN_MAX = 1_000;

const point = z
  .string()
  .regex(/^\d{1,18}:[0-9a-f]{64}$/, "must be a number, a colon and 64 hexadecimal digits");

const finding = z.strictObject({
  kind: z.enum(["changed", "deleted", "missing", "moved", "broken", "foreign"]),
  seq: z.string().describe("The number of the link."),
  last_seq: z.string().optional().describe("The last of several missing links."),
  audit_id: z.string().optional(),
});

/** The result of checking one stretch of the chain. */
const verification = z
  .strictObject({
    checked: z.int().describe("Links of this stretch."),
    findings: z.array(finding),
    head: z.string().describe("Where this stretch ends, `number:hash`: `after` of the next one."),
    complete: z.boolean().describe("Whether the chain ends here."),
    unsealed: z.int().optional().describe("Entries that wait to be sealed; told at the end of the chain."),
    expected: z
      .boolean()
      .optional()
      .describe("Whether the chain has the link asked for with `expect`; told by the stretch it belongs to."),
  })
  .meta({ id: "AuditVerification" });

export const verifyAuditLog = adminEndpoint({
  method: "GET",
  path: "/v1/audit-log/verification",
  access: "platform:manage",
  tag: "Audit",
  operationId: "verifyAuditLog",
  summary: "Check a stretch of the sealed chain for changed, deleted, inserted and reordered entries",
  costBearing: false,
  query: z.strictObject({
    after: point.optional().describe("`head` of the stretch before; without it, from the beginning."),
    expect: point.optional().describe("A `head` noted earlier: whether the chain still has it."),
  }),
  response: verification,
  async handle({ query }, { read }) {
    const after = pointOf(query.after) ?? (await chainAnchor(read));
    const expected = pointOf(query.expect);
    const linked = await linkedRows(read, after.seq, LINKS_AT_ONCE + 1);
    const stretch = linked.slice(0, LINKS_AT_ONCE);
    const { findings, head } = checkLinks(after, stretch);
    const complete = linked.length <= LINKS_AT_ONCE;
    const foreign = complete ? await foreignEntries(read, FOREIGN_MAX) : [];
    const isHere = expected && expected.seq > after.seq && (complete || expected.seq <= head.seq);
    const held = stretch.some(({ link }) => link.seq === expected?.seq && link.hash === expected.hash);
    return {
      kind: "data",
      data: {
        checked: stretch.length,
        findings: [...findings, ...foreign].map(viewFinding),
        head: pointText(head),
        complete,
        ...(complete && { unsealed: await countUnsealed(read) }),
        ...(isHere === true && { expected: held }),
      },
    };
  },
});

function pointOf(text: string | undefined): ChainPoint | undefined {
  if (text === undefined) return undefined;
  const found = parsePoint(text);
  if (!found) throw new ApiError("VALIDATION_ERROR");
  return found;
}

function viewFinding({ kind, seq, lastSeq, auditId }: Finding): z.infer<typeof finding> {
  return {
    kind,
    seq: seq.toString(),
    ...(lastSeq !== undefined && lastSeq !== seq && { last_seq: lastSeq.toString() }),
    ...(auditId !== undefined && { audit_id: auditId }),
  };
}
