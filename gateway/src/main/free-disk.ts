import { statfs } from "node:fs/promises";

/** Bytes that this process may still write where the folder lies. Rejects with the system's error. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
