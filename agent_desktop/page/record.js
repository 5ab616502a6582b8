/** The customer's record, as elements. What comes from outside is text, never markup. */

import { languageNow, word } from "./words.js";

/** An element with attributes and children; strings become text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

export function recordOf(pop) {
  const { customer } = pop;
  return [
    ...customers(customer),
    facts([
      [word("dialled"), pop.dialled_number],
      [word("dialledFirst"), pop.original_number],
      [word("waited"), `${Math.round(pop.waiting_seconds)} ${word("seconds")}`],
      [word("menu"), pop.menu_path.join(" › ")],
      ...Object.entries(pop.attributes),
    ]),
    ...notes(pop.notes ?? []),
    ...history(customer.history),
  ];
}

function customers({ match, customers }) {
  if (match === "none" || match === "unavailable") return [element("p", { class: "empty" }, word(`match.${match}`))];
  const lead = match === "several" ? [element("p", { class: "muted" }, word("match.several"))] : [];
  return [...lead, ...customers.map(customer)];
}

function customer(one) {
  const tags = [one.tier, ...one.tags].filter(Boolean).map((tag) => element("span", { class: "tag" }, tag));
  return element("div", {}, element("p", { class: "name" }, one.name), element("p", {}, ...tags), one.company ? element("p", { class: "muted" }, one.company) : "");
}

function facts(pairs) {
  const told = pairs.filter(([, value]) => value);
  return element("dl", { class: "facts" }, ...told.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, String(value))]));
}

function notes(written) {
  if (!written.length) return [];
  const items = written.map((note) => element("li", {}, `${note.agent_id}: ${note.text}`));
  return [element("p", { class: "muted" }, word("notes")), element("ul", { class: "notes" }, ...items)];
}

function history(contacts) {
  if (!contacts.length) return [];
  const head = element("tr", {}, ...["when", "channel", "queue", "outcome"].map((key) => element("th", { scope: "col" }, word(key))));
  const moment = new Intl.DateTimeFormat(languageNow() === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "short" });
  const rows = contacts.map((past) =>
    element("tr", {}, ...[moment.format(new Date(past.arrived_at)), past.channel, past.queue ?? "", past.outcome ?? ""].map((text) => element("td", {}, text))),
  );
  return [element("table", {}, element("caption", { class: "muted" }, word("history")), element("thead", {}, head), element("tbody", {}, ...rows))];
}
