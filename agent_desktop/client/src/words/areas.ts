/** The words of each area. For types and tests: the page reads an area's words with the area (shell/App). */

import * as administrator from "../administrator/words";
import * as agent from "../agent/words";
import * as customers from "../customers/words";
import * as recordings from "../recordings/words";
import * as start from "../start/words";
import * as supervisor from "../supervisor/words";
import type { en } from "./en";

export const AREAS = { administrator, agent, customers, recordings, start, supervisor };

type Areas = typeof AREAS;
/** What every page has; names of pages are among them. */
export type CommonWord = keyof typeof en;
export type Word = CommonWord | { [A in keyof Areas]: keyof Areas[A]["en"] }[keyof Areas];
