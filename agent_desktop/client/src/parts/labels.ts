/** What people read, in both languages. */

import type { Schemas } from "../server/rest";

export type Labels = Schemas["SkillView"]["labels"];

export const NO_LABELS: Labels = { zh: "", en: "" };
