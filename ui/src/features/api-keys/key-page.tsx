import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import { apiKeyQuery } from "../../api/queries.ts";
import type { ApiKey, CreatedApiKey } from "../../api/types.ts";
import { BackLink } from "../../components/back-link.tsx";
import { Button } from "../../components/button.tsx";
import { Facts } from "../../components/facts.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Loading, PageHeader, Section } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { formatCount, formatMoney } from "../../lib/format.ts";
import { LIMIT_NAMES, LIMIT_WORDS, limitWords } from "../limits/limits.ts";
import { EditDialog } from "./edit-dialog.tsx";
import { KeyLabel } from "./key-label.tsx";
import { KeyReveal } from "./key-reveal.tsx";
import { KeyStatus, worksStill } from "./key-status.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { RotateDialog } from "./rotate-dialog.tsx";

const route = getRouteApi("/shell/access/api-keys/$keyId");

/** One key: whose it is, what it was used for, what it is narrowed to. */
export function ApiKeyPage(): ReactNode {
  const { api } = useApp();
  const { keyId } = route.useParams();
  const navigate = useNavigate();
  const key = useQuery(apiKeyQuery(api, keyId));
  const [rotated, setRotated] = useState<CreatedApiKey>();
  if (rotated) {
    const see = (): void => void navigate({ to: "/access/api-keys/$keyId", params: { keyId: rotated.id } });
    return (
      <KeyReveal
        created={rotated}
        onDone={() => {
          setRotated(undefined);
          see();
        }}
      />
    );
  }
  return (
    <>
      <BackLink to="/access/api-keys">API keys</BackLink>
      {key.data === undefined && <PageHeader title="API key" />}
      {key.isPending && <Loading what="the key" />}
      {key.error && <FailureNotice error={key.error} onRetry={() => void key.refetch()} />}
      {key.data && (
        <KeyView apiKey={key.data} onReload={async () => (await key.refetch()).data} onRotated={setRotated} />
      )}
    </>
  );
}

interface KeyViewProps {
  readonly apiKey: Versioned<ApiKey>;
  readonly onReload: () => Promise<Versioned<ApiKey> | undefined>;
  readonly onRotated: (key: CreatedApiKey) => void;
}

function KeyView({ apiKey, onReload, onRotated }: KeyViewProps): ReactNode {
  const { data } = apiKey;
  const [asking, setAsking] = useState<"rotate" | "revoke">();
  const [editing, setEditing] = useState<Versioned<ApiKey>>();
  const close = (): void => setAsking(undefined);
  const actions = (
    <>
      <Button onClick={() => setEditing(apiKey)}>Edit</Button>
      <Button onClick={() => setAsking("rotate")}>Rotate</Button>
      <Button onClick={() => setAsking("revoke")}>Revoke</Button>
    </>
  );
  return (
    <>
      <PageHeader title={data.name} actions={worksStill(data) ? actions : undefined} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <Section title="Key" actions={<KeyStatus apiKey={data} />}>
          <KeyFacts apiKey={data} />
        </Section>
        <Section title="Narrowed to" lead="What its user, tenant and partner may not do, no key may.">
          <Restrictions apiKey={data} />
        </Section>
      </div>
      {editing && (
        <EditDialog
          key={editing.version}
          apiKey={editing}
          onReload={() => void onReload().then(setEditing)}
          onClose={() => setEditing(undefined)}
        />
      )}
      {asking === "rotate" && <RotateDialog apiKey={data} onRotated={onRotated} onClose={close} />}
      {asking === "revoke" && <RevokeDialog apiKey={data} onClose={close} />}
    </>
  );
}

function KeyFacts({ apiKey }: { apiKey: ApiKey }): ReactNode {
  const code = (text: string): ReactNode => <code className="font-mono text-xs break-all">{text}</code>;
  const { last_used_at: lastUsed, expires_at: expires, replaces } = apiKey;
  const former = replaces !== undefined && (
    <Link to="/access/api-keys/$keyId" params={{ keyId: replaces }} className="text-accent underline">
      {code(replaces)}
    </Link>
  );
  return (
    <Facts
      facts={[
        ["Key", <KeyLabel key="key" apiKey={apiKey} />],
        ["User", code(apiKey.user_id)],
        ["Created", <Time key="created" iso={apiKey.created_at} />],
        ["Expires", expires === undefined ? "Never" : <Time key="expires" iso={expires} />],
        ["Last used", lastUsed === undefined ? "Never" : <Time key="used" iso={lastUsed} as="relative" />],
        ["Spent in 24 hours", formatMoney(apiKey.spend_24h)],
        [
          "Requests in 24 hours",
          <Link
            key="requests"
            to="/requests"
            search={{ api_key_id: apiKey.id }}
            className="text-accent underline"
          >
            {formatCount(apiKey.requests_24h)}
          </Link>,
        ],
        ["Made in the place of", former === false ? undefined : former],
        ["Id", code(apiKey.id)],
      ]}
    />
  );
}

function Restrictions({ apiKey }: { apiKey: ApiKey }): ReactNode {
  const limits = LIMIT_NAMES.flatMap((name) => {
    const limit = apiKey.rate_limits?.[name];
    return limit === undefined ? [] : [`${LIMIT_WORDS[name]}: ${limitWords(limit)}`];
  });
  const metadata = Object.entries(apiKey.metadata ?? {}).map(([name, value]) => `${name}: ${value}`);
  return (
    <Facts
      facts={[
        ["Models", <Listed key="models" items={apiKey.models} otherwise="All its user may use" />],
        ["Addresses", <Listed key="addresses" items={apiKey.allowed_ips} otherwise="From anywhere" />],
        ["Permissions", <Listed key="scopes" items={apiKey.scopes} otherwise="All its user has" />],
        ["Limits of its own", <Listed key="limits" items={limits} otherwise="None" />],
        [
          "To remember",
          metadata.length === 0 ? undefined : <Listed key="notes" items={metadata} otherwise="" />,
        ],
      ]}
    />
  );
}

interface ListedProps {
  readonly items: readonly string[] | undefined;
  readonly otherwise: string;
}

function Listed({ items = [], otherwise }: ListedProps): ReactNode {
  if (items.length === 0) return otherwise;
  return (
    <ul className="grid gap-0.5">
      {items.map((item) => (
        <li key={item} className="font-mono text-xs break-all">
          {item}
        </li>
      ))}
    </ul>
  );
}
