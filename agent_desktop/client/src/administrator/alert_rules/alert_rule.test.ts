import { describe, expect, it } from "vitest";
import {
  type Definition,
  defined,
  drafted,
  windowsOf,
  withMeasure,
  withSubject,
  written,
} from "./alert_rule";

const RULE: Definition = {
  labels: { zh: "服务水平低", en: "Low service level" },
  severity: "critical",
  subject: "queue",
  name: "sales",
  measure: "service_level",
  window: "interval",
  above: null,
  below: 0.8,
  over_at: 0.85,
  lasts: 60,
  over_for: 120,
  at_least: 20,
  enabled: false,
};

describe("a rule that is edited", () => {
  it("is the same one if nothing is changed", () => {
    expect(defined(drafted(RULE))).toEqual(RULE);
    expect(defined(drafted({ ...RULE, above: 0, below: null }))).toMatchObject({ above: 0, below: null });
  });

  it("keeps its bound as long as that is in the same unit", () => {
    const abandoned = withMeasure(drafted(RULE), "abandon_rate");
    expect(abandoned).toMatchObject({ measure: "abandon_rate", bound: 0.8, overAt: 0.85 });
    expect(withMeasure(abandoned, "asa")).toMatchObject({ bound: null, overAt: null, window: "interval" });
  });

  it("is of another thing without the first one's name, and with what can be measured there", () => {
    const ofTeam = withSubject(drafted(RULE), "team");
    expect(ofTeam).toMatchObject({ subject: "team", name: null, measure: "ready", bound: null });
    expect(withSubject(drafted(RULE), "centre")).toMatchObject({ measure: "service_level", bound: 0.8 });
  });

  it("has a window where it is counted, and asks for contacts where it is a rate or a mean", () => {
    expect([windowsOf("waiting"), windowsOf("blocked_rate")]).toEqual([[], ["interval", "today"]]);
    const recent = { ...drafted(RULE), subject: "centre" as const, window: "recent" as const };
    expect(withMeasure(recent, "blocked_rate").window).toBe("interval");
    expect(defined(withMeasure(drafted(RULE), "offered")).at_least).toBe(0);
  });
});

it("a bound is written in its unit", () => {
  const bounds = [written("waiting", 5), written("longest_wait", 90), written("busy_share", 0.825)];
  expect(bounds).toEqual(["5", "01:30", "82.5%"]);
});
