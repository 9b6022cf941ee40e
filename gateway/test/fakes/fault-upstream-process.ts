/**
 * The fault upstream as its own process: `bun fault-upstream-process.ts [port] [control port]`, 0 = any.
 * Prints one line of JSON, `{"url": …, "control": …}`, and runs until it is told to stop.
 */
import { serveControl } from "./control.ts";
import { FaultUpstream } from "./fault-upstream.ts";

const [port, controlPort] = process.argv.slice(2).map(Number);
const fake = new FaultUpstream({ port: port ?? 0 });
const control = serveControl(fake, controlPort ?? 0);
console.log(JSON.stringify({ url: fake.url, control: control.url.href }));

process.once("SIGTERM", () => {
  fake.stop();
  void control.stop(true).then(() => process.exit(0));
});
