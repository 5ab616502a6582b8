/** The page: who logs in gets a desk; buttons and keys do what the agent means. */

import { Desk } from "./desk.js";
import { deskName } from "./desk_name.js";
import { Devices } from "./devices.js";
import { awaitLogIn, forgetToken, keptToken } from "./log_in.js";
import { Microphone } from "./microphone.js";
import { Rest } from "./rest.js";
import { drawParameters, parametersGiven, rowsChosen } from "./rows.js";
import { Stream } from "./stream.js";
import { alertWith, draw, drawDevices, drawTargets, drawTimes } from "./view.js";
import { languageNow, spellOut, switchLanguage, tell, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const LEVEL_EVERY = 100; // ms
const KEYS = "123456789*0#";
const SHORTCUTS = { KeyA: "answer", KeyE: "hang-up", KeyH: "hold", KeyM: "mute", KeyR: "ready" };

const rest = new Rest(keptToken());
const microphone = new Microphone();
const devices = new Devices(microphone, $("voice"));
let desk = null;
let softphone = null; // outlives the session: a call does not end because a log-in has

// --- in and out ----------------------------------------------------------------------------------

async function open() {
  const stream = new Stream(rest.token, { desk: await deskName() });
  stream.addEventListener("up", () => alertWith(null)); // before the desk has something to say
  desk = new Desk(rest, stream, microphone, $("voice"), softphone);
  softphone = desk.softphone;
  globalThis.desk = desk; // for who looks into the page
  desk.addEventListener("changed", () => desk && draw(desk)); // what was under way comes after a log-out, too
  desk.addEventListener("trouble", ({ detail }) => alertWith(detail));
  stream.addEventListener("down", () => alertWith(() => word("lineDown")));
  stream.addEventListener("up", ({ detail }) => detail.phone && microphone.open());
  stream.addEventListener("over", ({ detail }) => leave(detail));
  stream.open();
  for (const id of ["desk", "state", "who", "log-out"]) $(id).hidden = false;
  $("front").hidden = true;
}

/** The desk is closed: "expired" keeps sound and microphone for the next log-in, "replaced" the session. */
function leave(why) {
  desk?.close();
  desk = null;
  if (why !== "expired") {
    softphone.keep([]);
    microphone.close();
  }
  rest.token = null;
  if (why !== "replaced") forgetToken();
  for (const id of ["desk", "state", "who", "log-out"]) $(id).hidden = true;
  $("front").hidden = why === "replaced";
  alertWith(why ? () => word(why) : null);
}

async function logOut() {
  desk.stream.close();
  await rest.ask("DELETE", "sessions/current").catch(() => {});
  leave(null);
}

// --- what the agent does -------------------------------------------------------------------------

function target() {
  const kind = $("transfer-kind").value;
  return { to: kind, target: kind === "number" ? $("target-number").value.trim() : $("target-list").value };
}

function pressed(button) {
  return $(button).getAttribute("aria-pressed") === "true";
}

function sendKeys(digits) {
  $("keys-sent").textContent = ($("keys-sent").textContent + digits).slice(-24);
  desk.act("digits", { digits });
}

const CLICKS = {
  answer: () => desk.answer(),
  "hang-up": () => desk.hangUp(),
  hold: () => desk.act("hold", { on: !pressed("hold") }),
  mute: () => desk.act("mute", { on: !pressed("mute") }),
  consult: () => desk.act("consult", target()),
  complete: () => desk.act("complete"),
  swap: () => desk.act("swap"),
  conference: () => desk.act("conference"),
  return: () => desk.act("return"),
  "stop-read-out": () => desk.act("stop_read_out"),
  "read-rows-and-leave": () => desk.readRows(rowsChosen(), $("side-tone").checked, { leave: true }),
  ready: () => desk.setState("ready"),
  "take-audio": () => desk.takeAudio(),
  check: async () => {
    tell($("check-result"), () => word("checking"));
    const well = await desk.check();
    const trouble = microphone.state === "live" ? "unfit.media-path-failed" : `mic.${microphone.state}`;
    tell($("check-result"), () => (well ? `${word("checkWell")} ${word("checkSays")}` : word(trouble)));
  },
  "log-out": logOut,
  "alert-close": () => alertWith(null),
  language: () => {
    switchLanguage();
    spell();
  },
};

for (const [id, act] of Object.entries(CLICKS)) $(id).addEventListener("click", () => act());
awaitLogIn(rest, open);
$("transfer").addEventListener("submit", (event) => {
  event.preventDefault();
  desk.act("transfer", target());
});
$("dial").addEventListener("submit", (event) => {
  event.preventDefault();
  desk.dial($("dial-number").value.trim(), $("dial-queue").value);
});
$("read-out").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("read-out-text").value.trim();
  if (text) desk.readOut({ text });
});
$("read-out-box").addEventListener("toggle", () => $("read-out-box").open && desk.listQueries());
$("query").addEventListener("change", () => drawParameters(desk.queries));
$("look-up").addEventListener("submit", (event) => {
  event.preventDefault();
  desk.lookUp($("query").value, parametersGiven());
});
$("read-rows").addEventListener("submit", (event) => {
  event.preventDefault();
  desk.readRows(rowsChosen(), $("side-tone").checked);
});
$("note").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("note-text").value.trim();
  $("note-text").value = "";
  if (text) await desk.note(text);
});
$("transfer-kind").addEventListener("change", () => drawTargets(desk.lists));
$("transfer-box").addEventListener("toggle", () => desk.readLists());
$("reason").addEventListener("change", () => {
  desk.setState("not_ready", $("reason").value || null);
  $("reason").selectedIndex = -1;
});

for (const [id, kind] of [["microphones", "audioinput"], ["speakers", "audiooutput"]]) {
  $(id).addEventListener("change", () => devices.choose(kind, $(id).value).catch(() => alertWith(() => word("deviceTaken"))));
}
devices.addEventListener("changed", () => drawDevices(devices));

for (const key of KEYS) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = key;
  button.addEventListener("click", () => sendKeys(key));
  $("keypad").append(button);
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.altKey && SHORTCUTS[event.code]) {
    const button = $(SHORTCUTS[event.code]);
    if (desk && !button.disabled && button.offsetParent !== null) button.click();
    event.preventDefault();
    return;
  }
  const typing = event.target.matches?.("input, select, textarea");
  const plain = !event.ctrlKey && !event.altKey && !event.metaKey && event.key.length === 1;
  if (desk?.call?.state === "talking" && $("keypad-box").open && plain && !typing && KEYS.includes(event.key)) sendKeys(event.key);
});

// --- as long as the page lives -------------------------------------------------------------------

function spell() {
  spellOut();
  $("language").textContent = languageNow() === "zh" ? "English" : "中文";
  $("language").lang = languageNow() === "zh" ? "en" : "zh-CN";
  drawDevices(devices);
  if (desk) draw(desk);
}

setInterval(() => desk && drawTimes(desk), 1000);
setInterval(() => {
  if (desk && !document.hidden) $("level").value = microphone.level();
}, LEVEL_EVERY);

spell();
if (!globalThis.RTCPeerConnection || !navigator.mediaDevices) alertWith(() => word("tooOld"));
if (rest.token) open();
