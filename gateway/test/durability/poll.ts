const POLL_MS = 5;
const WAIT_MS_MAX = 30_000;

/** Asks again and again until `test` holds, of something in another process that cannot tell us by itself. */
export async function poll(complaint: string, test: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + WAIT_MS_MAX;
  while (!(await test())) {
    if (performance.now() > deadline) throw new Error(complaint);
    await Bun.sleep(POLL_MS);
  }
}
