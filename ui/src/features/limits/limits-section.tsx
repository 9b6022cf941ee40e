import { useState } from "react";
import type { ReactNode } from "react";
import type { Limits } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Section } from "../../components/page.tsx";
import { useMe } from "../session/me-context.ts";
import { LimitsDialog } from "./limits-dialog.tsx";
import { LIMIT_NAMES, LIMIT_WORDS, limitWords, powerOver, SETTER_WORDS } from "./limits.ts";
import type { LimitedLevel, LimitName } from "./limits.ts";

interface LimitsSectionProps {
  readonly level: LimitedLevel;
  /** The address in the API of what is limited. */
  readonly path: string;
  readonly limits: Limits;
  readonly version: string | undefined;
  /** First part of the keys of what has to be read anew. */
  readonly refresh: string;
  readonly onReload: () => void;
  /** Nobody sets their own. */
  readonly isSelf?: boolean;
  readonly title?: string;
}

type Row = Limits[LimitName] & { readonly name: LimitName };

/** What is in force at one level, who has set it, and how far it can be changed from here. */
export function LimitsSection(props: LimitsSectionProps): ReactNode {
  const { level, limits, onReload, isSelf = false, title = "Limits" } = props;
  const power = powerOver(level, limits, useMe());
  const [isOpen, setIsOpen] = useState(false);
  const close = (): void => setIsOpen(false);
  const rows = LIMIT_NAMES.map((name): Row => ({ name, ...limits[name] }));
  return (
    <Section
      title={title}
      lead={isSelf ? "Your own are set by another administrator." : POWER_WORDS[power]}
      actions={power !== "none" && !isSelf && <Button onClick={() => setIsOpen(true)}>Change limits</Button>}
    >
      <DataTable caption={title} columns={COLUMNS} rows={rows} isInset keyOf={({ name }) => name} />
      {isOpen && power !== "none" && (
        <LimitsDialog
          key={props.version}
          {...props}
          power={power}
          onReload={() => {
            close();
            onReload();
          }}
          onClose={close}
        />
      )}
    </Section>
  );
}

const POWER_WORDS = {
  set: "What you set here, the level itself and those below can only tighten.",
  tighten: "What a level above has set can only be tightened here.",
  none: "A level above has set these: here they are read-only.",
} as const;

const COLUMNS: readonly Column<Row>[] = [
  { header: "What", isHeader: true, cell: ({ name }) => LIMIT_WORDS[name] },
  { header: "Limit", align: "right", cell: ({ limit }) => limitWords(limit) },
  { header: "Set by", cell: ({ set_by: setter }) => SETTER_WORDS[setter] },
];
