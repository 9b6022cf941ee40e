/** The database inside the data folder. */
export const DATABASE_FILE = "scaigrid.db";
/** What the files with the intents of open requests are called, beside it: a hyphen and their number follow. */
export const INTENTS_FILES = `${DATABASE_FILE}-intents`;
