import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { Versioned } from "../../api/client.ts";
import { useAction } from "../../api/use-action.ts";
import { Button } from "../../components/button.tsx";
import { Facts } from "../../components/facts.tsx";
import { SelectField } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { Section } from "../../components/page.tsx";
import { levelOf, powerOf, SETTER_WORDS } from "../limits/limits.ts";
import { useMe } from "../session/me-context.ts";
import { LEVELS, levelPath } from "./kinds.ts";
import type { Level, LevelKind } from "./kinds.ts";

type Policy = Level["broken_streams"]["policy"];

/** What callers pay for answers that do not reach their end, from what asks least to what asks most. */
const POLICIES: readonly (readonly [Policy, words: string])[] = [
  ["free_on_provider_fault", "Nothing where the provider broke it off"],
  ["delivered", "What was delivered"],
  ["upstream", "What the provider charges"],
];
/** Whatever holds without a word from here. */
const NONE = "";

interface SectionProps {
  readonly kind: LevelKind;
  readonly level: Versioned<Level>;
  readonly onReload: () => void;
}

/** Who pays for broken streams: set from above, tightened by the level itself. */
export function BrokenStreamsSection({ kind, level, onReload }: SectionProps): ReactNode {
  const { policy, set_by: setter } = level.data.broken_streams;
  const power = powerOf(kind, [setter], useMe());
  const [isOpen, setIsOpen] = useState(false);
  const close = (): void => setIsOpen(false);
  return (
    <Section
      title="Broken streams"
      lead="What callers pay for an answer that does not reach its end: they left, or the provider broke it off."
      actions={power !== "none" && <Button onClick={() => setIsOpen(true)}>Change who pays</Button>}
    >
      <Facts
        facts={[
          ["Callers pay", wordsOf(policy)],
          ["Set by", SETTER_WORDS[setter]],
        ]}
      />
      {isOpen && power !== "none" && (
        <PolicyDialog
          key={level.version}
          kind={kind}
          level={level}
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

function wordsOf(policy: Policy): string {
  return POLICIES.find(([name]) => name === policy)?.[1] ?? policy;
}

interface DialogProps extends SectionProps {
  readonly power: "set" | "tighten";
  readonly onClose: () => void;
}

function PolicyDialog({ kind, level, power, onReload, onClose }: DialogProps): ReactNode {
  const { api } = useApp();
  const { policy, set_by: setter } = level.data.broken_streams;
  const own = power === "tighten" ? "itself" : levelOf(useMe());
  const [chosen, setChosen] = useState<string>(setter === own ? policy : NONE);
  const save = useAction({
    call: () => {
      const body = { broken_streams: chosen === NONE ? null : chosen };
      return api.data("PATCH", levelPath(kind, level.data.id), { body, ifVersion: level.version });
    },
    refresh: [LEVELS[kind].many],
    said: () => "Saved who pays for broken streams.",
    onDone: onClose,
  });
  return (
    <FormDialog
      title="Who pays for broken streams"
      action="Save"
      isPending={save.isPending}
      error={save.error}
      onSubmit={() => save.run()}
      onReload={onReload}
      onClose={onClose}
    >
      <SelectField
        label="Callers pay"
        value={chosen}
        onChange={(event) => setChosen(event.target.value)}
        hint={
          power === "tighten"
            ? "Only what asks more of callers than the level above is taken."
            : "From now on. A request goes by what held when it was made."
        }
        problem={save.error ? asFailure(save.error).problemOf("broken_streams") : undefined}
      >
        <option value={NONE}>As the level above says</option>
        {POLICIES.map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </SelectField>
    </FormDialog>
  );
}
