/** Settles as `work` does, or rejects with what `late` gives after `ms`; then the work goes on unheard. */
export async function within<T>(ms: number, work: PromiseLike<T>, late: () => Error): Promise<T> {
  let timer: Timer | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
