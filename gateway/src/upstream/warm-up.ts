/**
 * Makes the first outgoing call of the process, to its own port: the runtime starts its HTTP client at the first
 * call, and cannot once file descriptors have run out. An answer is not needed.
 */
export async function warmUp(port: number): Promise<void> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, {
      redirect: "manual",
      signal: AbortSignal.timeout(WAIT_MS),
    });
    await response.bytes();
  } catch {
    // Not listening on the loopback: the HTTP client has been started all the same.
  }
}

const WAIT_MS = 1_000;
