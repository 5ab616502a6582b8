/** The channel map: follows the stream, draws every leg, and has calls heard and recorded. */

import { ChannelRows } from "./channel_rows.js";
import { awaitLogIn, forgetToken, keptToken } from "./log_in.js";
import { Rest, whyNot } from "./rest.js";
import { Stream } from "./stream.js";
import { alertWith } from "./view.js";
import { languageNow, spellOut, switchLanguage, tell, word } from "./words.js";

const $ = (id) => document.getElementById(id);

const rest = new Rest(keptToken());
const legs = new Map();
const levels = new Map();
const rows = new ChannelRows($("legs"), $("map"), act);
let stream = null;
let me = null;
let due = false;

// --- in and out ----------------------------------------------------------------------------------

function open() {
  stream = new Stream(rest.token, { channels: true });
  stream.addEventListener("up", ({ detail }) => {
    me = detail.agent.id;
    alertWith(null);
  });
  stream.addEventListener("told", ({ detail }) => hear(detail));
  stream.addEventListener("down", () => alertWith(() => word("lineDown")));
  stream.addEventListener("over", () => leave(() => word("notPermitted"))); // the desktop's stays kept
  stream.open();
  inside(true);
}

function leave(why) {
  stream?.close();
  stream = null;
  rest.token = null;
  legs.clear();
  levels.clear();
  draw();
  inside(false);
  alertWith(why);
}

function inside(is) {
  for (const id of ["map", "filter-label", "log-out"]) $(id).hidden = !is;
  $("front").hidden = is;
}

// --- what the server tells -----------------------------------------------------------------------

function hear(message) {
  if (message.type === "channels") {
    legs.clear();
    levels.clear();
    for (const leg of Object.values(message.channels)) legs.set(leg.leg_id, leg);
    for (const [id, level] of Object.entries(message.levels)) levels.set(id, level);
    drawSoon();
  } else if (message.type === "channels.changed") {
    for (const [id, patch] of Object.entries(message.patch)) change(id, patch);
    drawSoon();
  } else if (message.type === "channels.levels") {
    const changed = Object.entries(message.levels);
    for (const [id, level] of changed) levels.set(id, level);
    rows.measure(changed);
  }
}

/** A JSON merge patch of one leg (RFC 7396). */
function change(id, patch) {
  if (patch === null) {
    legs.delete(id);
    levels.delete(id);
  } else {
    legs.set(id, { ...legs.get(id), ...patch });
  }
}

function drawSoon() {
  if (due) return;
  due = true;
  requestAnimationFrame(draw);
}

function draw() {
  due = false;
  const text = $("filter").value.trim().toLowerCase();
  const wanted = ({ number, party, queue }) => !text || [number, party, queue].some((one) => one?.toLowerCase().includes(text));
  const count = rows.draw(legs, levels, me, wanted);
  tell($("count"), () => `${count} ${word("channelCount")}`);
  $("channels").hidden = !count;
  $("none").hidden = Boolean(count);
}

// --- what the supervisor does --------------------------------------------------------------------

async function act(verb, leg) {
  const contact = `contacts/${encodeURIComponent(leg.contact_id)}`;
  const agent = leg.role === "agent" ? leg : [...legs.values()].find((one) => one.contact_id === leg.contact_id && one.role === "agent");
  const whose = agent ? `?agent_id=${encodeURIComponent(agent.party)}` : "";
  try {
    if (verb === "listen" && leg.listeners.includes(me)) await rest.ask("DELETE", `${contact}/listen`);
    else if (verb === "listen") await rest.ask("POST", `${contact}/listen`, { mode: "monitor", ...(agent ? { agent_id: agent.party } : {}) });
    else await rest.ask(leg.recording === "none" ? "POST" : "DELETE", `${contact}/recording${whose}`);
    alertWith(null);
  } catch (error) {
    alertWith(() => whyNot(error));
  }
}

async function logOut() {
  await rest.ask("DELETE", "sessions/current").catch(() => {});
  forgetToken();
  leave(null);
}

// --- the page ------------------------------------------------------------------------------------

function spell() {
  spellOut();
  $("language").textContent = languageNow() === "zh" ? "English" : "中文";
  $("language").lang = languageNow() === "zh" ? "en" : "zh-CN";
  document.title = `${word("channels")} · Hotline`;
  draw();
}

awaitLogIn(rest, open);
$("log-out").addEventListener("click", logOut);
$("alert-close").addEventListener("click", () => alertWith(null));
$("filter").addEventListener("input", drawSoon);
$("language").addEventListener("click", () => {
  switchLanguage();
  spell();
});
setInterval(() => rows.drawTimes(), 1000);

spell();
if (rest.token) open();
