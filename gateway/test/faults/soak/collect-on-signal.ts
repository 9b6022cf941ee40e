/**
 * Loaded into a gateway under test before it starts (`BUN_OPTIONS=--preload=…`): at SIGUSR2 it collects its garbage
 * and prints what is left. Memory that a process may still let go of is no leak.
 */
process.on("SIGUSR2", () => {
  Bun.gc(true);
  const { heapUsed } = process.memoryUsage();
  console.log(JSON.stringify({ event: "collected", heap_mb: heapUsed / 2 ** 20 }));
});
