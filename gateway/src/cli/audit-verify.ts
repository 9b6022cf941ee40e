import { z } from "zod";
import type { Api } from "./api.ts";
import { COMMAND } from "./called-as.ts";
import { CommandError, type Output } from "./output.ts";
import { tableOf } from "./table.ts";

const stretch = z.object({
  checked: z.number(),
  findings: z.array(
    z.object({
      kind: z.string(),
      seq: z.string(),
      last_seq: z.string().optional(),
      audit_id: z.string().optional(),
    }),
  ),
  head: z.string(),
  complete: z.boolean(),
  unsealed: z.number().optional(),
  expected: z.boolean().optional(),
});
type Stretch = z.infer<typeof stretch>;

const WHAT: Readonly<Record<string, string>> = {
  changed: "is not what was sealed",
  deleted: "has been deleted",
  missing: "has been deleted together with its link",
  moved: "says that it stands elsewhere in the chain",
  broken: "does not follow from the entry before: the chain was reordered or rewritten",
  foreign: "claims to be sealed and is not: it was inserted",
};

export interface AuditVerifyOptions {
  /** A head noted earlier. */
  readonly expect?: string;
  readonly json?: boolean;
}

/**
 * `scaigrid audit verify`: checks the whole chain of the audit log. Throws CommandError when anything is not as it was
 * sealed, after it has told what.
 */
export async function auditVerify(options: AuditVerifyOptions, api: Api, output: Output): Promise<void> {
  const result = await wholeChain(options.expect, api);
  const { checked, findings, head, unsealed = 0, expected } = result;
  if (options.json === true) output.data(JSON.stringify(result));
  else if (findings.length > 0) output.data(findingsTable(findings));
  const lost = options.expect !== undefined && expected !== true;
  if (findings.length > 0 || lost) {
    const count = `${findings.length} of ${checked} sealed entries ${findings.length === 1 ? "is" : "are"} not as sealed`;
    throw new CommandError(
      lost ? `the chain has no link ${options.expect}: it was cut off or rewritten (${count})` : count,
    );
  }
  if (options.json === true) return;
  output.data(`${checked} entries are as they were sealed; ${unsealed} wait to be sealed`);
  output.note(
    `Keep ${head} elsewhere: \`${COMMAND} audit verify --expect ${head}\` proves later that nothing was cut off.`,
  );
}

async function wholeChain(expect: string | undefined, api: Api): Promise<Stretch> {
  const total = { checked: 0, findings: [] as Stretch["findings"] };
  let expected: boolean | undefined;
  let after: string | undefined;
  for (;;) {
    const query = new URLSearchParams({
      ...(after !== undefined && { after }),
      ...(expect !== undefined && { expect }),
    });
    const part = await api.call("GET", `/v1/audit-log/verification?${query.toString()}`, stretch);
    total.checked += part.checked;
    total.findings.push(...part.findings);
    expected ??= part.expected;
    if (part.complete) return { ...part, ...total, ...(expected !== undefined && { expected }) };
    after = part.head;
  }
}

function findingsTable(findings: Stretch["findings"]): string {
  const rows = findings.map(({ kind, seq, last_seq: last, audit_id: id }) => [
    last === undefined ? seq : `${seq}–${last}`,
    id ?? "–",
    kind,
    WHAT[kind] ?? "",
  ]);
  return tableOf([["SEALED AS", "ENTRY", "FINDING", "WHAT IT MEANS"], ...rows]);
}
