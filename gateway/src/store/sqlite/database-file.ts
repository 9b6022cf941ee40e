/** The database inside the data folder. */
export const DATABASE_FILE = "scaigrid.db";
