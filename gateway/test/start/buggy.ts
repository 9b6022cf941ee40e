/** Loaded before the gateway by a test: plays two bugs that no handler catches, whenever it is told to. */
process.on("SIGUSR2", () => {
  void Promise.reject(new Error("a floating rejection"));
  setTimeout(() => {
    throw new Error("a throw in a timer");
  }, 0);
});
