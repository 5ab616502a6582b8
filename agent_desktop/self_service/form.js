/** The services as a form: one question a step. */

import { button, element, listServices, prepareEntry, trouble, whyNot } from "./page.js";
import { Session } from "./session.js";
import { spoken, word, write } from "./words.js";

const KEPT = "self-service-form";
let session;
let shown = 0; // lines that were on an earlier step

function paragraphs(lines) {
  return lines.map((line) => {
    const made = document.createElement("p");
    made.textContent = line.text;
    return made;
  });
}

function show(view) {
  for (const id of ["services", "step", "ended"]) element(id).hidden = id !== view;
}

function newSession() {
  session?.forget();
  session = new Session(KEPT, (offline) => trouble(offline && word("offline")));
  shown = 0;
}

function choice({ answer, label }, index) {
  const made = document.createElement("label");
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name: "choice", value: answer, required: true, id: `choice-${index}` });
  made.append(input, label);
  return made;
}

/** The lines since the last step, the last of which asks. */
function ask() {
  const { question, lines } = session;
  const fresh = lines.slice(shown).filter((line) => line.author === "service");
  const last = fresh.length && fresh.at(-1).number === question.number ? fresh.pop() : null;
  element("told").replaceChildren(...paragraphs(fresh));
  element("asked").textContent = last?.text ?? word("yourAnswer");
  const listed = question.open ? [] : question.options;
  element("choices").replaceChildren(...listed.map(choice));
  element("others").replaceChildren(...(question.open ? question.options : []).map((one) => button(one.label, () => give(one.answer))));
  const input = prepareEntry(question, false);
  input.required = !element("entry").hidden;
  input.setAttribute("aria-labelledby", "asked");
  show("step");
  (listed.length ? element("choice-0") : input).focus();
}

function end() {
  element("last").replaceChildren(...paragraphs(session.lines.slice(shown).filter((line) => line.author === "service")));
  session.forget();
  show("ended");
  element("ended-title").focus();
}

/** What was done has its answer: the next step, or the end. */
async function goOn(work) {
  element("fields").disabled = element("next").disabled = true;
  try {
    await work();
    while (!session.question && !session.over) await session.read();
    trouble(null);
    element("fields").disabled = element("next").disabled = false;
    if (session.over) end();
    else ask();
  } catch (error) {
    newSession();
    show("services");
    trouble(whyNot(error));
  } finally {
    element("fields").disabled = element("next").disabled = false;
  }
}

async function give(text) {
  if (!session.question) return;
  shown = session.lines.length;
  await goOn(() => session.answer(text));
}

function begin(service) {
  newSession();
  void goOn(async () => {
    await session.begin(service, "web", spoken());
    await session.read();
  });
}

element("step").addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = document.querySelector("input[name=choice]:checked");
  void give(chosen?.value ?? element("answer").value);
});
element("leave").addEventListener("click", () => { shown = session.lines.length; void goOn(() => session.leave()); });
element("again").addEventListener("click", () => { newSession(); show("services"); });


write();
listServices("web", begin, () => {}).then(() => {
  session = new Session(KEPT, (offline) => trouble(offline && word("offline")));
  if (session.token) void goOn(() => session.look());
}, (error) => trouble(whyNot(error)));
