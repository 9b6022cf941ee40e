import { STATUS } from "./catalogue/statuses.ts";
import { describeFaults } from "./prove.ts";

describeFaults(STATUS);
