/** By which bounds figures raise alerts; and what raises them without a rule. */

import { Route, Routes } from "react-router";
import { Pill } from "../../parts/Card";
import { api, got } from "../../server/rest";
import { inLanguage, named, word } from "../../words/words";
import { DefinitionPages } from "../definitions/DefinitionPages";
import type { Kind } from "../definitions/kind";
import { boundOf, type Definition, type Rule, windowsOf, written } from "./alert_rule";
import { Forecasts } from "./Forecasts";
import { RuleEditor } from "./RuleEditor";

const at = (id: string) => ({ path: { definition_id: id } });

const KIND: Kind<Rule> = {
  path: "alert-rules",
  title: "alertRules.title",
  add: "alertRules.add",
  empty: "alertRules.none",
  columns: () => [
    {
      id: "says",
      label: word("alertRules.says"),
      cell: ({ definition }) => inLanguage(definition.labels),
      by: ({ definition }) => inLanguage(definition.labels),
    },
    {
      id: "of",
      label: word("alertRules.of"),
      cell: ({ definition: { subject, name } }) =>
        name ? `${named("ruleOf", subject)} ${name}` : each(subject),
    },
    { id: "when", label: word("alertRules.when"), cell: ({ definition }) => inWords(definition) },
    {
      id: "severity",
      label: word("alertRules.severity"),
      cell: ({ definition: { severity = "warning" } }) => (
        <Pill kind={severity === "critical" ? "bad" : severity === "warning" ? "warn" : "plain"}>
          {named("gravity", severity)}
        </Pill>
      ),
    },
    {
      id: "enabled",
      label: word("inUse"),
      cell: ({ definition }) => word(definition.enabled === false ? "notInUse" : "inUse"),
    },
  ],
  list: () => got(api.GET("/api/v1/alert-rules")),
  nameOf: ({ definition }) => inLanguage(definition.labels),
  Editor: RuleEditor,
  remove: ({ id, version }) =>
    got(api.DELETE("/api/v1/alert-rules/{definition_id}", { params: { ...at(id), query: { version } } })),
  versions: (id, after) =>
    got(api.GET("/api/v1/alert-rules/{definition_id}/versions", { params: { ...at(id), query: { after } } })),
  rollBack: ({ id, version }, to) =>
    got(api.POST("/api/v1/alert-rules/{definition_id}/roll-back", { params: at(id), body: { version, to } })),
};

export default function AlertRulesPage() {
  return (
    <>
      <DefinitionPages kind={KIND} />
      <Routes>
        <Route index element={<Forecasts />} />
        <Route path="*" element={null} />
      </Routes>
    </>
  );
}

/** "Waiting > 5 (last 5 min), for 0:10". */
function inWords(rule: Definition): string {
  const { measure, window = "recent", lasts = 0 } = rule;
  const { way, bound } = boundOf(rule);
  const counted = windowsOf(measure).includes(window) ? ` (${named("ruleWindow", window)})` : "";
  const what = `${named("measure", measure)}${counted}`;
  const sign = way === "above" ? ">" : "<";
  const told = `${what} ${sign} ${bound === null ? "–" : written(measure, bound)}`;
  return lasts
    ? word("alertRules.for", { rule: told, seconds: lasts })
    : word("alertRules.atOnce", { rule: told });
}

function each(subject: string): string {
  return subject === "centre" ? named("ruleOf", subject) : named("each", subject);
}
