/** How this program is called where it runs: the one-file executable by its name, a checkout through npm. */
const CALLED = Bun.isStandaloneExecutable
  ? { start: "scaigrid up", command: "scaigrid" }
  : { start: "npm start", command: "npx scaigrid" };

/** What starts the gateway. */
export const START: string = CALLED.start;

/** What stands before a command's name. */
export const COMMAND: string = CALLED.command;
