import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import { chatModelsQuery } from "../../api/queries.ts";
import type { Model } from "../../api/types.ts";
import { CodeBlock } from "../../components/code-block.tsx";
import { SelectField } from "../../components/field.tsx";
import { FailureNotice, Notice } from "../../components/notice.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { curlSnippet, pythonSnippet, typescriptSnippet } from "./snippets.ts";

const LANGUAGES = [
  { name: "curl", label: "curl" },
  { name: "python", label: "Python" },
  { name: "typescript", label: "TypeScript" },
] as const;
type Language = (typeof LANGUAGES)[number]["name"];

const WRITERS = { curl: curlSnippet, python: pythonSnippet, typescript: typescriptSnippet } as const;

/** A real model that answers, before the built-in one that only pretends. */
function preferred(models: readonly Model[]): Model | undefined {
  const healthy = models.filter((model) => model.health_status !== "unhealthy");
  return healthy.find((model) => model.owned_by !== "sandbox") ?? healthy[0] ?? models[0];
}

/** Programs that call a model with this key. */
export function Snippets({ baseUrl, apiKey }: { baseUrl: string; apiKey: string }): ReactNode {
  const { api } = useApp();
  const models = useQuery(chatModelsQuery(api));
  const [language, setLanguage] = useState<Language>("curl");
  const [chosen, setChosen] = useState<string>();
  if (models.error) return <FailureNotice error={models.error} onRetry={() => void models.refetch()} />;
  if (!models.data) return <p className="text-muted">Loading the models…</p>;
  const model = chosen ?? preferred(models.data)?.slug;
  if (model === undefined) {
    return (
      <Notice tone="warn">
        There is no chat model yet that this key may use. Ask an administrator for one.
      </Notice>
    );
  }
  return (
    <div className="grid gap-4">
      {models.data.length > 1 && (
        <SelectField label="Model" value={model} onChange={(event) => setChosen(event.target.value)}>
          {models.data.map(({ slug, id }) => (
            <option key={id} value={slug}>
              {slug}
            </option>
          ))}
        </SelectField>
      )}
      <Tabs label="Language" tabs={LANGUAGES} selected={language} onSelect={setLanguage}>
        <CodeBlock
          what={`${LANGUAGES.find(({ name }) => name === language)?.label ?? language} snippet`}
          code={WRITERS[language]({ baseUrl, key: apiKey, model })}
        />
      </Tabs>
    </div>
  );
}
