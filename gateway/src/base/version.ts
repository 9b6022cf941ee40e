import { version } from "../../package.json";

/** Of this program, as released. */
export const VERSION: string = version;
