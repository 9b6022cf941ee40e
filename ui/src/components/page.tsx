import { useEffect } from "react";
import type { ReactNode } from "react";

/** The id of the heading that is given the focus after a change of page. */
export const PAGE_TITLE_ID = "page-title";

interface PageHeaderProps {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
}

/** The heading of a page; names the browser's tab too. */
export function PageHeader({ title, lead, actions }: PageHeaderProps): ReactNode {
  useDocumentTitle(title);
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 id={PAGE_TITLE_ID} tabIndex={-1} className="text-2xl font-semibold tracking-tight break-words">
          {title}
        </h1>
        {lead !== undefined && <p className="mt-1 max-w-prose text-muted">{lead}</p>}
      </div>
      {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
    </header>
  );
}

/** Names the browser's tab while the component is shown. */
export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ScaiGrid`;
  }, [title]);
}

interface SectionProps {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page in a frame of its own. */
export function Section({ title, lead, actions, children }: SectionProps): ReactNode {
  return (
    <section className="min-w-0 rounded-xl border border-line bg-surface">
      <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-3 sm:px-5">
        <div>
          <h2 className="font-semibold">{title}</h2>
          {lead !== undefined && <p className="text-xs text-muted">{lead}</p>}
        </div>
        {actions}
      </div>
      <div className="px-4 py-4 sm:px-5">{children}</div>
    </section>
  );
}

/** What a page without content says: what would be here, why it is not, and what to do. */
export function EmptyState({
  title,
  why,
  action,
}: {
  title: string;
  why: string;
  action?: ReactNode;
}): ReactNode {
  return (
    <div className="grid justify-items-center gap-2 rounded-xl border border-dashed border-edge bg-surface px-6 py-14 text-center">
      <h2 className="text-base font-semibold">{title}</h2>
      <p className="max-w-md text-muted">{why}</p>
      {action !== undefined && <div className="mt-2">{action}</div>}
    </div>
  );
}

/** Stands in for what is on its way. */
export function Loading({ what }: { what: string }): ReactNode {
  return (
    <p role="status" className="rounded-xl border border-line bg-surface px-5 py-10 text-center text-muted">
      Loading {what}…
    </p>
  );
}
