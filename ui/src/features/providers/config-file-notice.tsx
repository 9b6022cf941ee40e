import type { ReactNode } from "react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Api } from "../../api/client.ts";
import type { ConfigFile } from "../../api/types.ts";
import { useApp } from "../../app-context.ts";
import { Notice } from "../../components/notice.tsx";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";

/** Problems that are shown; `scaigrid config check` has the rest. */
const SHOWN = 10;

function configFileQuery(api: Api) {
  return queryOptions({
    queryKey: ["config-file"],
    queryFn: ({ signal }) => api.data<ConfigFile>("GET", "/v1/config-file", { signal }),
  });
}

/** Says that the configuration file cannot be taken over, and where in it the fault is. Nothing where all is well. */
export function ConfigFileNotice(): ReactNode {
  const { api } = useApp();
  const isOfPlatform = may(useMe(), "platform:manage");
  const { data: file } = useQuery({ ...configFileQuery(api), enabled: isOfPlatform });
  if (file?.state !== "refused") return null;
  return (
    <div role="alert" className="mb-5">
      <Notice tone="warn">
        <p className="font-medium break-words">
          The configuration file <code className="font-mono text-xs break-all">{file.path}</code> cannot be
          taken over. What it said before is in force.
        </p>
        <ul className="list-disc pl-5">
          {file.problems.slice(0, SHOWN).map(({ line, message }) => (
            <li key={`${line} ${message}`} className="break-words">
              Line {line}: {message}
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}
