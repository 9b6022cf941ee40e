/** A port of 127.0.0.1 that was free a moment ago: connecting there is refused, and listening there works. */
export function closedPort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const { port } = listener;
  listener.stop(true);
  return port;
}
