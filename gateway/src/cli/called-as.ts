/** How this program is called where it runs: the one-file executable as it was typed, a checkout through npm. */
const CALLED = Bun.isStandaloneExecutable
  ? { start: `${process.argv0} up`, command: process.argv0 }
  : { start: "npm start", command: "npx scaigrid" };

/** What starts the gateway. */
export const START: string = CALLED.start;

/** What stands before a command's name. */
export const COMMAND: string = CALLED.command;
