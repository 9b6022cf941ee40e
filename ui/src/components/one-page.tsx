import type { ComponentProps, ReactNode } from "react";
import type { UseQueryResult } from "@tanstack/react-query";
import { BackLink } from "./back-link.tsx";
import { FailureNotice } from "./notice.tsx";
import { Loading, PageHeader } from "./page.tsx";

interface OnePageProps<Data> {
  /** The list it belongs to. */
  readonly list: ComponentProps<typeof BackLink>["to"];
  readonly listName: string;
  /** What it is as long as its name is not known: "Routing policy". */
  readonly title: string;
  readonly query: UseQueryResult<Data>;
  /** The page of what has been read. */
  readonly children: (data: Data) => ReactNode;
}

/** The page of one thing: the way back to its list, and what is shown until it is there. */
export function OnePage<Data>({ list, listName, title, query, children }: OnePageProps<Data>): ReactNode {
  return (
    <>
      <BackLink to={list}>{listName}</BackLink>
      {query.data === undefined && <PageHeader title={title} />}
      {query.isPending && <Loading what={`the ${title.toLowerCase()}`} />}
      {query.error && <FailureNotice error={query.error} onRetry={() => void query.refetch()} />}
      {query.data !== undefined && children(query.data)}
    </>
  );
}
