import { useState } from "react";
import type { ReactNode } from "react";
import { CodeBlock } from "../../components/code-block.tsx";
import { Section } from "../../components/page.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { curlOf, pythonOf, typescriptOf } from "./code.ts";
import type { ChatBody } from "./run.ts";

const LANGUAGES = [
  { name: "curl", label: "curl" },
  { name: "typescript", label: "TypeScript" },
  { name: "python", label: "Python" },
] as const;
type Language = (typeof LANGUAGES)[number]["name"];
const WRITERS = { curl: curlOf, typescript: typescriptOf, python: pythonOf } as const;

/** The very call as programs make it, with the key in their environment. */
export function CodeOfRun({ body }: { body: ChatBody }): ReactNode {
  const [language, setLanguage] = useState<Language>("curl");
  return (
    <Section title="As code">
      <Tabs label="Language" tabs={LANGUAGES} selected={language} onSelect={setLanguage}>
        <CodeBlock
          what={`${LANGUAGES.find(({ name }) => name === language)?.label ?? language} code of this call`}
          code={WRITERS[language]({ baseUrl: window.location.origin, body })}
        />
      </Tabs>
    </Section>
  );
}
