/** The look of the link that names a row: it covers the row, so that the whole of it can be clicked. */
export const ROW_LINK = "font-medium text-accent after:absolute after:inset-0 hover:underline";
