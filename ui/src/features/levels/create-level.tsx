import { useState } from "react";
import type { ReactNode } from "react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { ApiFailure } from "../../api/failure.ts";
import { useAction } from "../../api/use-action.ts";
import { BackLink } from "../../components/back-link.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { PageHeader } from "../../components/page.tsx";
import { capitalized } from "../../lib/format.ts";
import { slugOf } from "../../lib/slug.ts";
import { LEVELS } from "./kinds.ts";
import type { Level, LevelKind } from "./kinds.ts";

const NAME_CHARS_MAX = 200;
const SLUG_CHARS_MAX = 63;

interface Typed {
  readonly name: string;
  /** Undefined: made from the name. */
  readonly slug?: string;
  readonly zone: string;
}

/** Adds a partner, or a tenant. */
export function CreateLevel({ kind }: { kind: LevelKind }): ReactNode {
  const { api } = useApp();
  const navigate = useNavigate();
  const { api: path, one, many, made, list, page } = LEVELS[kind];
  const [typed, setTyped] = useState<Typed>({ name: "", zone: "" });
  const add = useAction({
    call: () => api.data<Level>("POST", path, { body: bodyOf(typed) }),
    refresh: [many],
    said: () => `The ${one} has been added.`,
    onDone: ({ id }) => void navigate({ to: page, params: { levelId: id } }),
  });
  const failure = add.error ? asFailure(add.error) : undefined;
  return (
    <>
      <BackLink to={list}>{capitalized(many)}</BackLink>
      <PageHeader title={`Add a ${one}`} lead={made} />
      <form
        className="grid max-w-xl gap-5 rounded-xl border border-line bg-surface p-5 sm:p-6"
        onSubmit={(event) => {
          event.preventDefault();
          add.run();
        }}
      >
        {failure && <FailureNotice error={failure} />}
        <Fields typed={typed} onType={setTyped} failure={failure} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" busy={add.isPending}>
            Add
          </Button>
          <Link to={list} className={buttonClass("secondary")}>
            Cancel
          </Link>
        </div>
      </form>
    </>
  );
}

function slugTyped({ name, slug }: Typed): string {
  return slug ?? slugOf(name);
}

function bodyOf(typed: Typed): object {
  const zone = typed.zone.trim();
  return {
    slug: slugTyped(typed),
    display_name: typed.name,
    ...(zone !== "" && { time_zone: zone }),
  };
}

interface FieldsProps {
  readonly typed: Typed;
  readonly onType: (typed: Typed) => void;
  readonly failure: ApiFailure | undefined;
}

function Fields({ typed, onType, failure }: FieldsProps): ReactNode {
  return (
    <>
      <Line
        label="Name"
        max={NAME_CHARS_MAX}
        value={typed.name}
        onType={(name) => onType({ ...typed, name })}
        problem={failure?.problemOf("display_name")}
      />
      <Line
        label="Slug"
        max={SLUG_CHARS_MAX}
        value={slugTyped(typed)}
        onType={(slug) => onType({ ...typed, slug })}
        problem={failure?.problemOf("slug")}
        hint="A part of the slugs of its models: lower-case letters, digits and hyphens."
      />
      <Line
        label="Time zone (yours if left empty)"
        value={typed.zone}
        onType={(zone) => onType({ ...typed, zone })}
        isOptional
        problem={failure?.problemOf("time_zone")}
        hint="When its days and months begin: Europe/Amsterdam."
      />
    </>
  );
}

interface LineProps {
  readonly label: string;
  readonly value: string;
  readonly onType: (value: string) => void;
  readonly problem: string | undefined;
  readonly hint?: string;
  readonly max?: number;
  readonly isOptional?: boolean;
}

function Line({ label, value, onType, problem, hint, max, isOptional = false }: LineProps): ReactNode {
  return (
    <TextField
      label={label}
      required={!isOptional}
      maxLength={max}
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={(event) => onType(event.target.value)}
      hint={hint}
      problem={problem}
    />
  );
}
