/** How callers fare in a flow, all of its versions together. */

import type { Schemas } from "../../server/rest";

export type Flow = Schemas["FlowView"];
type Figures = Pick<Schemas["FlowFigures"], "flow" | "entered" | "self_served" | "abandoned" | "inside">;

export interface FlowRow {
  flow: Flow;
  entered: number;
  served: number;
  abandoned: number;
  inside: number;
}

export function rowsOf(flows: readonly Flow[], figures: readonly Figures[]): FlowRow[] {
  return flows.map((flow) => {
    const of = figures.filter((each) => each.flow === flow.name);
    const sum = (count: (each: Figures) => number) => of.reduce((all, each) => all + count(each), 0);
    return {
      flow,
      entered: sum((each) => each.entered),
      served: sum((each) => each.self_served),
      abandoned: sum((each) => each.abandoned),
      inside: sum((each) => each.inside),
    };
  });
}

export function percent(some: number, of: number): string {
  return of ? `${Math.round((100 * some) / of)} %` : "—";
}
