import { BREAKS } from "./catalogue/connections.ts";
import { describeFaults } from "./prove.ts";

describeFaults(BREAKS);
