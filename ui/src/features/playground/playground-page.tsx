import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import { chatModelsQuery } from "../../api/queries.ts";
import type { Model } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { AreaField, SelectField, TextField } from "../../components/field.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader, Section } from "../../components/page.tsx";
import { formatMoney } from "../../lib/format.ts";
import { AnswerView } from "./answer-view.tsx";
import { CodeOfRun } from "./code-of-run.tsx";
import { KeyField } from "./key-field.tsx";
import { chatBody } from "./run.ts";
import type { ChatBody, Prompt } from "./run.ts";
import { useRun } from "./use-run.ts";

const EMPTY = { system: "", message: "", maxTokens: "", temperature: "" } as const;

/** One question to a model, and its answer as it comes. */
export function PlaygroundPage(): ReactNode {
  const { api } = useApp();
  const models = useQuery(chatModelsQuery(api));
  return (
    <>
      <PageHeader
        title="Playground"
        lead="Ask a model, see the answer as it comes, and take the call along as code. Billed like any call."
      />
      {models.error && <FailureNotice error={models.error} onRetry={() => void models.refetch()} />}
      {models.isPending && <Loading what="models" />}
      {models.data?.length === 0 && (
        <EmptyState
          title="No model to ask"
          why="There is no chat model yet that you may use. Ask an administrator for one."
        />
      )}
      {models.data !== undefined && models.data.length > 0 && <Playground models={models.data} />}
    </>
  );
}

function Playground({ models }: { models: readonly Model[] }): ReactNode {
  const { answer, error, isRunning, send, stop } = useRun();
  const [key, setKey] = useState("");
  const [prompt, setPrompt] = useState<Prompt>({ ...EMPTY, model: models[0]?.slug ?? "" });
  const [sent, setSent] = useState<ChatBody>();
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 xl:grid-cols-2">
      <Section title="Call">
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            const body = chatBody(prompt);
            setSent(body);
            void send(key, body);
          }}
        >
          <ModelField
            models={models}
            value={prompt.model}
            onPick={(model) => setPrompt({ ...prompt, model })}
          />
          <KeyField value={key} onChange={setKey} />
          <PromptFields prompt={prompt} onType={setPrompt} />
          <div className="flex flex-wrap gap-2">
            <Button type="submit" variant="primary" busy={isRunning}>
              Send
            </Button>
            {isRunning && <Button onClick={stop}>Stop</Button>}
          </div>
        </form>
      </Section>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        {error !== undefined && <FailureNotice error={error} />}
        <AnswerView answer={answer} isRunning={isRunning} />
        <CodeOfRun body={sent ?? chatBody(prompt)} />
      </div>
    </div>
  );
}

interface ModelFieldProps {
  readonly models: readonly Model[];
  readonly value: string;
  readonly onPick: (slug: string) => void;
}

function ModelField({ models, value, onPick }: ModelFieldProps): ReactNode {
  const chosen = models.find(({ slug }) => slug === value);
  return (
    <SelectField
      label="Model"
      value={value}
      onChange={(event) => onPick(event.target.value)}
      hint={chosen && priceWords(chosen)}
    >
      {models.map(({ id, slug }) => (
        <option key={id} value={slug}>
          {slug}
        </option>
      ))}
    </SelectField>
  );
}

function priceWords({ input_price_per_mtok: input, output_price_per_mtok: output, free }: Model): string {
  if (input === undefined || output === undefined) return free ? "Costs nothing." : "Has no price.";
  return `${formatMoney(input)} for a million tokens in, ${formatMoney(output)} out.`;
}

interface PromptFieldsProps {
  readonly prompt: Prompt;
  readonly onType: (prompt: Prompt) => void;
}

function PromptFields({ prompt, onType }: PromptFieldsProps): ReactNode {
  const typed = (name: keyof Prompt) => ({
    value: prompt[name],
    onChange: (event: { target: { value: string } }) => onType({ ...prompt, [name]: event.target.value }),
  });
  return (
    <>
      <AreaField label="System prompt" {...typed("system")} />
      <AreaField label="Message" required rows={5} {...typed("message")} />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label="Longest answer, in tokens" type="number" min={1} step={1} {...typed("maxTokens")} />
        <TextField label="Temperature" type="number" min={0} max={2} step="any" {...typed("temperature")} />
      </div>
    </>
  );
}
