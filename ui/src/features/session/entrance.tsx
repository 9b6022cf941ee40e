import type { ReactNode } from "react";
import { ConnectionBanner } from "../../components/connection-banner.tsx";
import { Mark } from "../../components/icons.tsx";
import { PAGE_TITLE_ID, useDocumentTitle } from "../../components/page.tsx";
import { ThemePicker } from "../../components/theme-picker.tsx";

interface EntranceProps {
  readonly title: string;
  readonly lead: string;
  readonly children: ReactNode;
}

/** The frame of the pages before one is signed in. */
export function Entrance({ title, lead, children }: EntranceProps): ReactNode {
  useDocumentTitle(title);
  return (
    <div className="flex min-h-dvh flex-col">
      <ConnectionBanner />
      <main className="mx-auto flex w-full max-w-md grow flex-col justify-center px-4 py-10">
        <div className="mb-6 flex items-center gap-2.5 text-lg font-semibold tracking-tight">
          <Mark />
          ScaiGrid
        </div>
        <div className="rounded-2xl border border-line bg-surface p-6 shadow-sm sm:p-8">
          <h1 id={PAGE_TITLE_ID} tabIndex={-1} className="text-xl font-semibold tracking-tight">
            {title}
          </h1>
          <p className="mt-1 mb-6 text-muted">{lead}</p>
          {children}
        </div>
      </main>
      <footer className="flex justify-center pb-6">
        <ThemePicker />
      </footer>
    </div>
  );
}
