import { useEffect, useRef } from "react";
import type { ReactNode } from "react";
import type { CreatedApiKey } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { Icon } from "../../components/icons.tsx";
import { PAGE_TITLE_ID, Section, useDocumentTitle } from "../../components/page.tsx";
import { downloadText } from "../../lib/clipboard.ts";
import { FirstRequest } from "./first-request.tsx";
import { envFile } from "./snippets.ts";
import { Snippets } from "./snippets-panel.tsx";

/** The key, the only time it is shown, and the way to a first request with it. */
export function KeyReveal({ created, onDone }: { created: CreatedApiKey; onDone: () => void }): ReactNode {
  const title = useRef<HTMLHeadingElement>(null);
  useDocumentTitle("API key created");
  useEffect(() => title.current?.focus(), []);
  const baseUrl = window.location.origin;
  return (
    <div className="grid max-w-3xl gap-5">
      <header>
        <h1
          ref={title}
          id={PAGE_TITLE_ID}
          tabIndex={-1}
          className="text-2xl font-semibold tracking-tight break-words"
        >
          API key “{created.name}” created
        </h1>
        <p className="mt-1 text-muted">
          This is the only time it is shown: the gateway keeps no copy it could show again.
        </p>
      </header>
      <Section title="1. Keep the key" lead="Copy it to where your program reads its secrets.">
        <div className="grid gap-3">
          <code
            data-testid="key"
            className="rounded-lg border border-line bg-raised px-3 py-2.5 font-mono text-sm break-all select-all"
          >
            {created.key}
          </code>
          <div className="flex flex-wrap gap-2">
            <CopyButton text={created.key} what="API key" variant="primary" />
            <Button onClick={() => downloadText(".env", envFile({ baseUrl, key: created.key }))}>
              <Icon name="download" />
              Download .env
            </Button>
          </div>
        </div>
      </Section>
      <Section title="2. Make the first request" lead="Each of these works as pasted.">
        <Snippets baseUrl={baseUrl} apiKey={created.key} />
      </Section>
      <FirstRequest keyId={created.id} />
      <div>
        <Button variant="primary" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  );
}
