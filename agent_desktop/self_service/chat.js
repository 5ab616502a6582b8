/** The services as a conversation: lines come as they are written, and answers are chosen or typed. */

import { button, element, listServices, prepareEntry, trouble, whyNot } from "./page.js";
import { Session } from "./session.js";
import { spoken, word, write } from "./words.js";

const KEPT = "self-service-chat";
let session = null;

function show(chatting) {
  element("services").hidden = chatting;
  element("chat").hidden = !chatting;
}

function newSession() {
  return new Session(KEPT, (offline) => trouble(offline && word("offline")));
}

function add(lines) {
  for (const line of lines) {
    const item = document.createElement("li");
    item.className = line.author;
    item.textContent = line.text;
    element("lines").append(item);
    item.scrollIntoView({ block: "nearest" });
  }
}

/** What can be answered now, or that it is over. */
function ask() {
  const { question, over } = session;
  element("others").replaceChildren(...(question?.options ?? []).map((one) => button(one.label, () => give(one.answer))));
  element("say").hidden = element("others").hidden = over;
  element("ended").hidden = !over;
  element("answer").disabled = element("next").disabled = !question;
  if (question) prepareEntry(question, true).focus();
  if (over) {
    session.forget();
    element("ended-title").focus();
  }
}

/** Until it is over, whatever comes, also what another request brought about. */
async function follow(one) {
  try {
    while (one === session && !one.over) {
      const before = one.question?.number;
      add(await one.read());
      if (one === session && (one.question?.number !== before || one.over)) ask();
    }
  } catch (error) {
    if (one === session) lost(error);
  }
}

function lost(error) {
  session.forget();
  session = null;
  show(false);
  trouble(whyNot(error));
}

async function give(text) {
  const one = session;
  if (!one?.question) return;
  element("answer").disabled = element("next").disabled = true;
  element("others").replaceChildren();
  try {
    add(await one.answer(text));
    if (one === session) ask();
  } catch (error) {
    if (one === session) lost(error);
  }
}

async function begin(service) {
  session = newSession();
  element("lines").replaceChildren();
  try {
    await session.begin(service, "chat", spoken());
    trouble(null);
    show(true);
    ask();
    void follow(session);
  } catch (error) {
    lost(error);
  }
}

element("say").addEventListener("submit", (event) => {
  event.preventDefault();
  if (element("answer").value.trim()) void give(element("answer").value);
});
element("leave").addEventListener("click", async () => {
  const one = session;
  add(await one.leave());
  if (one === session) ask();
});
element("again").addEventListener("click", () => { session = null; show(false); });

write();
listServices("chat", (service) => void begin(service), () => {}).then(() => {
  const earlier = newSession();
  if (!earlier.token) return;
  session = earlier;
  show(true);
  ask();
  void follow(session);
}, (error) => trouble(whyNot(error)));
