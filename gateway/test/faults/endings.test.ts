import { ENDINGS } from "./catalogue/answers.ts";
import { describeFaults } from "./prove.ts";

describeFaults(ENDINGS);
