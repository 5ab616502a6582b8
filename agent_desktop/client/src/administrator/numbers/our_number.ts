import type { Schemas } from "../../server/rest";

/** A number of ours as a definition that is kept: known by the number itself. */
export type OurNumber = Schemas["OurNumberView"] & { id: string };

export const kept = (one: Schemas["OurNumberView"]): OurNumber => ({ ...one, id: one.number });
