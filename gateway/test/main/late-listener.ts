import { SupervisorLink } from "../../src/main/processes/supervisor-link.ts";
import { ProcessSignals } from "../../src/main/processes/process-signals.ts";

/*
 * One of several processes whose supervisor ends while it starts: it prints what it hears once it can.
 */
const gone = new Promise<void>((resolve) => process.once("disconnect", resolve));
const link = await SupervisorLink.open();
process.stdout.write("opened\n");
await gone;
process.stdout.write(`${await new ProcessSignals(link).next()}\n`);
process.exit(0);
