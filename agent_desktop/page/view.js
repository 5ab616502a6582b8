/** Draws the desk on the page; reads nothing but the desk, changes nothing but the page. */

import { element, recordOf } from "./record.js";
import { drawQueries } from "./rows.js";
import { languageNow, stateInWords, tell, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const KINDS = { ready: "ready", ringing: "busy", talking: "busy", wrap_up: "busy" };
const ASKING = ["consulting", "consult_on_hold", "consult_ringing"];

export function draw(desk) {
  drawState(desk.agent);
  drawCall(desk.call);
  drawCustomer(desk);
  drawPhone(desk);
  drawLists(desk.lists);
  drawQueries(desk.queries, desk.call);
}

/** What counts up: called every second. */
export function drawTimes(desk) {
  $("state-since").textContent = desk.agent ? age(desk.agent.since) : "";
  $("call-since").textContent = desk.call ? age(desk.call.since) : "";
}

/** `say` gives the words in whatever language the page has then; null: nothing to tell. */
export function alertWith(say) {
  tell($("alert"), say);
  $("alert-box").hidden = !say;
}

function drawState(agent) {
  if (!agent?.state) return;
  $("who").textContent = `${agent.name} · ${agent.number}`;
  const next = agent.next_state ? ` → ${stateInWords(agent.next_state, agent.next_reason)}` : "";
  $("state-name").textContent = stateInWords(agent.state, agent.reason) + next;
  $("state-name").dataset.kind = agent.unfit?.length && agent.state === "ready" ? "warn" : (KINDS[agent.state] ?? "away");
  $("ready").disabled = agent.state === "ready";
}

function drawCall(call) {
  $("no-call").hidden = Boolean(call);
  $("call").hidden = !call;
  $("dial").hidden = Boolean(call);
  if (!call) return;
  const ringing = call.state === "ringing";
  const standing = call.talk?.state ?? "talking";
  const held = standing === "on_hold";
  $("caller").textContent = call.pop?.caller_number || word("call");
  $("call-queue").textContent = call.pop?.queue ?? "";
  const shown = stateOf(call, standing);
  $("call-purpose").textContent = purposeOf(call.pop);
  if ($("call-state").textContent !== shown) $("call-state").textContent = shown;
  $("call-state").dataset.kind = call.state === "talking" && !call.audio ? "warn" : "busy";
  $("answer").hidden = !ringing || call.id === null;
  $("hang-up").textContent = word(ringing ? "decline" : "hangUp");
  $("talk-tools").hidden = call.state !== "talking";
  press("hold", call.state !== "talking" || ASKING.includes(standing), held, held ? "resume" : "hold");
  press("mute", call.state !== "talking", Boolean(call.talk?.muted), call.talk?.muted ? "unmute" : "mute");
  const asking = ASKING.includes(standing);
  $("consulting").hidden = !asking && standing !== "transfer_ringing";
  $("complete").hidden = !asking;
  $("swap").hidden = $("conference").hidden = !asking || standing === "consult_ringing";
  $("start-read-out").disabled = call.reading;
  $("stop-read-out").hidden = $("being-read").hidden = !call.reading;
  $("transfer-box").hidden = asking || standing === "transfer_ringing" || standing === "advising";
}

function purposeOf(pop) {
  if (pop?.purpose === "consult") return `${word("askedBy")} ${pop.transferred_by ?? ""}`;
  if (pop?.transferred_by) return `${word("transferredBy")} ${pop.transferred_by}`;
  return pop?.direction === "outbound" ? word("outbound") : "";
}

function stateOf(call, standing) {
  if (call.state !== "talking") return word(`call.${call.state}`);
  if (!call.audio) return word("call.lost");
  if (standing === "on_hold") return word("call.held");
  if (standing === "conference") return word("conferenceOn");
  return word(ASKING.includes(standing) || standing === "advising" ? "call.consulting" : "call.talking");
}

function press(id, hidden, pressed, key) {
  const button = $(id);
  button.hidden = hidden;
  button.setAttribute("aria-pressed", String(pressed));
  button.textContent = word(key);
}

let drawn = null;

function drawCustomer(desk) {
  const pop = desk.call?.pop ?? desk.pop;
  $("no-customer").hidden = Boolean(pop);
  $("customer").hidden = !pop;
  const now = pop ? `${pop.interaction_id} ${pop.notes?.length} ${languageNow()}` : null;
  if (now !== drawn) $("customer").replaceChildren(...(pop ? recordOf(pop) : []));
  drawn = now;
}

function drawPhone(desk) {
  const unfit = desk.agent?.unfit ?? [];
  $("unfit").hidden = !unfit.length;
  const reasons = unfit.map((reason) => element("li", {}, word(`unfit.${reason}`, reason)));
  if ($("unfit").dataset.reasons !== unfit.join() + languageNow()) {
    $("unfit").dataset.reasons = unfit.join() + languageNow();
    $("unfit").replaceChildren(word("noCallsBecause"), ...reasons);
  }
  const silent = [...desk.calls.values()].some((call) => call.state === "talking" && !call.audio);
  $("fit").hidden = unfit.length > 0 || desk.link !== "up" || !desk.hasPhone || silent;
  $("no-browser-phone").hidden = desk.hasPhone || !desk.agent;
  $("phone").hidden = !desk.hasPhone;
  $("connection").textContent = word(`link.${desk.link}`);
  $("audio-owner").textContent = word(`audio.${desk.audio}`);
  $("microphone").textContent = word(`mic.${desk.microphone.state}`);
  $("take-audio").hidden = desk.audioHere;
}

let listed = null;

function drawLists(lists) {
  const now = JSON.stringify(lists) + languageNow();
  if (now === listed) return;
  listed = now;
  const reasons = lists.not_ready_reasons.map((reason) => element("option", { value: reason }, word(`reason.${reason}`, reason)));
  refill($("reason"), [element("option", { value: "" }, word("notReady")), ...reasons]);
  refill($("dial-queue"), lists.queues.map((queue) => element("option", { value: queue }, queue)));
  drawTargets(lists);
}

/** Whom the call can be passed on to, of the kind that is chosen. */
export function drawTargets(lists) {
  const kind = $("transfer-kind").value;
  $("target-list-label").hidden = kind === "number";
  $("target-number-label").hidden = kind !== "number";
  const options =
    kind === "queue"
      ? lists.queues.map((queue) => element("option", { value: queue }, queue))
      : lists.colleagues.map(({ id, name, number, state }) => element("option", { value: id }, `${name} · ${number} · ${word(`state.${state}`)}`));
  refill($("target-list"), options);
}

/** New options; what was chosen stays chosen if it is still there. */
function refill(select, options) {
  const chosen = select.value;
  select.replaceChildren(...options);
  if (options.some((option) => option.value === chosen)) select.value = chosen;
}

const CHOICES = { microphones: "audioinput", speakers: "audiooutput" };

/** What sound can come from and go to. */
export function drawDevices(devices) {
  $("speakers-label").hidden = !devices.speakersCanBeChosen;
  for (const [id, kind] of Object.entries(CHOICES)) {
    const own = element("option", { value: "" }, word("systemsOwn"));
    const others = devices.list(kind).map(({ deviceId, label }) => element("option", { value: deviceId }, label));
    $(id).replaceChildren(own, ...others);
    $(id).value = devices.inUse(kind);
  }
}

export function age(since) {
  const seconds = Math.max(0, Math.round((Date.now() - new Date(since)) / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return `${hours ? `${hours}:` : ""}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
