import type { ReactNode } from "react";
import type { ApiFailure } from "../../api/failure.ts";
import { TextField } from "../../components/field.tsx";
import { LIMIT_NAMES, LIMIT_WORDS, limitWords } from "./limits.ts";
import type { LimitName, TypedLimits } from "./limits.ts";

interface LimitFieldsProps {
  readonly typed: TypedLimits;
  readonly onType: (typed: TypedLimits) => void;
  /** What holds now, where that is known. */
  readonly inForce?: ReadonlyMap<LimitName, number>;
  readonly failure: ApiFailure | undefined;
}

/** One field for each limit. */
export function LimitFields({ typed, onType, inForce, failure }: LimitFieldsProps): ReactNode {
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      {LIMIT_NAMES.map((name) => {
        const now = inForce?.get(name);
        return (
          <TextField
            key={name}
            label={LIMIT_WORDS[name]}
            inputMode="numeric"
            pattern="[0-9]*"
            title="A whole number"
            autoComplete="off"
            value={typed[name]}
            onChange={(event) => onType({ ...typed, [name]: event.target.value.trim() })}
            hint={now === undefined ? undefined : `In force: ${limitWords(now)}`}
            problem={failure?.problemOf(`rate_limits.${name}`)}
          />
        );
      })}
    </div>
  );
}
