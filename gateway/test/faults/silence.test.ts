import { SILENCE } from "./catalogue/connections.ts";
import { describeFaults } from "./prove.ts";

describeFaults(SILENCE);
