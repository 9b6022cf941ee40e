import { useState } from "react";
import type { ReactNode } from "react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { Model } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { BackLink } from "../../components/back-link.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { PageHeader } from "../../components/page.tsx";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { newBody, newModel } from "./draft.ts";
import { ModelFields } from "./model-fields.tsx";

/** Models → Add: a name of one's own for what backends serve. */
export function CreateModelPage(): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const navigate = useNavigate();
  const prefix = may(me, "platform:manage") ? "" : `tenant/${me.tenant.slug}/`;
  const [draft, setDraft] = useState(newModel(prefix));
  const add = useAction({
    call: () => api.data<Model>("POST", "/v1/models", { body: newBody(draft) }),
    refresh: ["models"],
    said: () => "The model has been added.",
    onDone: ({ id }) => void navigate({ to: "/models/$modelId", params: { modelId: id } }),
  });
  const failure = add.error ? asFailure(add.error) : undefined;
  return (
    <>
      <BackLink to="/models">Models</BackLink>
      <PageHeader
        title="Add a model"
        lead="A stable name that programs ask for. Routing says what answers."
      />
      <form
        className="grid max-w-3xl gap-5 rounded-xl border border-line bg-surface p-5 sm:p-6"
        onSubmit={(event) => {
          event.preventDefault();
          add.run();
        }}
      >
        {failure && <FailureNotice error={failure} />}
        <SlugField
          prefix={prefix}
          value={draft.slug}
          onType={(slug) => setDraft({ ...draft, slug })}
          problem={failure?.problemOf("slug")}
        />
        <ModelFields draft={draft} onChange={setDraft} failure={failure} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" busy={add.isPending}>
            Add
          </Button>
          <Link to="/models" className={buttonClass("secondary")}>
            Cancel
          </Link>
        </div>
      </form>
    </>
  );
}

interface SlugFieldProps {
  /** What one's own slugs begin with; empty where all are. */
  readonly prefix: string;
  readonly value: string;
  readonly onType: (slug: string) => void;
  readonly problem: string | undefined;
}

function SlugField({ prefix, value, onType, problem }: SlugFieldProps): ReactNode {
  return (
    <TextField
      label="Slug"
      required
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={(event) => onType(event.target.value)}
      placeholder={`${prefix}acme/assistant`}
      hint={prefix === "" ? "vendor/name: what programs ask for." : `Yours begin with ${prefix}`}
      problem={problem}
    />
  );
}
