/** Rows fetched at once when a whole table is read. */
export const PAGE_ROWS = 5_000;

/**
 * Reads a whole table in pages by its id, so that no single answer grows with the installation. `page` gives at
 * most PAGE_ROWS rows with ids above `afterId`, in order of id.
 */
export async function allPages<Row extends { readonly id: string }>(
  page: (afterId: string) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let afterId = "";
  for (;;) {
    const found = await page(afterId);
    rows.push(...found);
    const last = found.at(-1);
    if (last === undefined || found.length < PAGE_ROWS) return rows;
    afterId = last.id;
  }
}
