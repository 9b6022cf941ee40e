/** Rows fetched at once when a whole table is read. */
export const PAGE_ROWS = 5_000;

/**
 * Reads a whole table in pages by its id, so that no single answer grows with the installation. `page` gives at
 * most PAGE_ROWS rows with ids above `afterId`, in order of id; `make` turns each into what is kept of it.
 */
export async function allPages<Row extends { readonly id: string }, Kept>(
  page: (afterId: string) => Promise<readonly Row[]>,
  make: (row: Row) => Kept,
): Promise<Kept[]> {
  const kept: Kept[] = [];
  let afterId = "";
  for (;;) {
    const found = await page(afterId);
    for (const row of found) kept.push(make(row));
    const last = found.at(-1);
    if (last === undefined || found.length < PAGE_ROWS) return kept;
    afterId = last.id;
  }
}
