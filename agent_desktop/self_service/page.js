/** What both pages have: the services, the languages, what goes wrong, how an answer is typed. */

import { Refused, services } from "./session.js";
import { spoken, switchLanguage, word, write } from "./words.js";

export const element = (id) => document.getElementById(id);

export function trouble(text) {
  element("trouble").textContent = text ?? "";
  element("trouble").hidden = !text;
}

export function whyNot(error) {
  if (!(error instanceof Refused)) return word("offline");
  return word({ 429: "tooMany", 401: "gone", 404: "gone" }[error.status] ?? "refused");
}

export function button(text, onPress) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", onPress);
  return made;
}

/** How the open question is answered by typing; shown where nothing, or not everything, is listed. */
export function prepareEntry(question, always) {
  const input = element("answer");
  input.value = "";
  input.type = question.secret ? "password" : "text";
  input.inputMode = question.open ? "numeric" : "text";
  input.maxLength = 200;
  element("entry").hidden = !(always || question.open || !question.options.length);
  return input;
}

/** Have the services of this front end listed, in the language of the page, now and when that changes. */
export async function listServices(channel, choose, changed) {
  const all = (await services()).filter((one) => one.channels.includes(channel));
  const show = () => {
    write();
    element("service-list").replaceChildren(...all.map((one) => {
      const item = document.createElement("li");
      item.append(button(one.title[spoken()] ?? Object.values(one.title)[0], () => choose(one.service)));
      return item;
    }));
    changed();
  };
  element("language").addEventListener("click", () => { switchLanguage(); show(); });
  show();
}
