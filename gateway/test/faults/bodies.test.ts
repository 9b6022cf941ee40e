import { BODIES } from "./catalogue/answers.ts";
import { describeFaults } from "./prove.ts";

describeFaults(BODIES);
