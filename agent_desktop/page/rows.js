/** Draws the queries and what they found; knows which rows are chosen. */

import { element } from "./record.js";
import { languageNow, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const INPUTS = { number: "number", boolean: "checkbox", moment: "datetime-local" };

let listed = null;
let drawn = null;

export function drawQueries(queries, call) {
  $("look-up").hidden = !queries.offered.length;
  const now = JSON.stringify(queries.offered) + languageNow();
  if (now !== listed) {
    listed = now;
    const chosen = $("query").value;
    $("query").replaceChildren(...queries.offered.map((one) => element("option", { value: one.id }, one.labels[languageNow()])));
    if (queries.offered.some((one) => one.id === chosen)) $("query").value = chosen;
    drawParameters(queries);
  }
  drawRows(queries.foundFor(call?.contact_id));
  for (const id of ["start-read-rows", "read-rows-and-leave"]) $(id).disabled = Boolean(call?.reading);
}

/** What the contact at hand does not fill. */
export function drawParameters(queries) {
  const query = queries.offered.find((one) => one.id === $("query").value);
  const asked = (query?.parameters ?? []).filter((one) => !query.known.includes(one.name) && one.default === null);
  $("query-parameters").replaceChildren(
    ...asked.map(({ name, labels, type, required }) =>
      element(
        "label",
        {},
        element("span", {}, labels[languageNow()]),
        element("input", { name, type: INPUTS[type] ?? "text", autocomplete: "off", ...(required ? { required: "" } : {}) }),
      ),
    ),
  );
}

export function parametersGiven() {
  const inputs = [...$("query-parameters").querySelectorAll("input")];
  return Object.fromEntries(inputs.map((input) => [input.name, valueOf(input)]).filter(([, value]) => value !== null));
}

export function rowsChosen() {
  return [...$("rows").querySelectorAll("input:checked")].map((input) => Number(input.value));
}

function valueOf(input) {
  if (input.type === "checkbox") return input.checked;
  if (input.value === "") return null;
  if (input.type === "number") return Number(input.value);
  return input.type === "datetime-local" ? new Date(input.value).toISOString() : input.value.trim();
}

function drawRows(found) {
  $("read-rows").hidden = !found;
  const now = found && found.id + found.result_id + languageNow();
  if (now === drawn) return;
  drawn = now;
  if (!found) return $("rows").replaceChildren();
  for (const id of ["start-read-rows", "read-rows-and-leave"]) $(id).hidden = !found.rows.length;
  if (!found.rows.length) return $("rows").replaceChildren(element("p", { class: "empty" }, word("nothingFound")));
  const labels = found.columns.map(({ labels }) => element("th", { scope: "col" }, labels[languageNow()]));
  const head = element("tr", {}, element("th", { scope: "col" }, word("chosenRow")), ...labels);
  const rows = found.rows.map((row, number) => element("tr", {}, element("td", {}, box(row, number)), ...row.map((value) => element("td", {}, shown(value)))));
  return $("rows").replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)));
}

function box(row, number) {
  const attributes = { type: "checkbox", value: String(number), "aria-label": `${word("chosenRow")} ${number + 1}` };
  return element("input", number === 0 ? { ...attributes, checked: "" } : attributes);
}

function shown(value) {
  if (value === null) return "";
  if (typeof value !== "object") return String(value);
  return String(value[languageNow()] ?? JSON.stringify(value));
}
