/** Every word on the page, in both languages. */

const WORDS = {
  zh: {
    logIn: "登录", logOut: "退出", agentId: "工号账户", password: "密码", ready: "示闲",
    notReadyBecause: "示忙原因", notReady: "示忙", call: "通话", noCall: "当前没有通话。", answer: "接听", hangUp: "挂断",
    decline: "拒接", hold: "保持", resume: "取回", mute: "静音", unmute: "取消静音", keypad: "拨号键盘",
    passOn: "转接与咨询", to: "转到", whom: "对象", queue: "队列", colleague: "同事", number: "号码",
    transfer: "直接转接", consult: "先咨询", consultation: "咨询", complete: "完成转接", swap: "切换",
    conference: "三方通话", return: "取消咨询", dialNumber: "外呼号码", dial: "呼叫", customer: "客户资料",
    noCustomer: "来电时在此显示客户资料。", phone: "电话", connection: "服务器连接", audio: "音频", microphone: "麦克风",
    level: "麦克风音量", takeAudio: "在此接听音频", checkDevices: "检测设备", allWell: "设备正常，可以接听来电。",
    otherPhone: "您的电话不在浏览器中，请使用话机接听。",
    "state.logged_out": "未登录", "state.not_ready": "示忙", "state.ready": "空闲", "state.ringing": "振铃",
    "state.talking": "通话中", "state.wrap_up": "话后处理",
    "call.ringing": "来电", "call.accepted": "正在接通…", "call.talking": "通话中", "call.held": "已保持",
    "call.lost": "音频中断，正在恢复…", "call.consulting": "咨询中",
    "audio.here": "在此页面", "audio.elsewhere": "在另一个页面", "audio.nowhere": "没有页面接听音频",
    "link.up": "正常", "link.down": "已断开，正在重连…",
    "mic.unasked": "尚未授权", "mic.live": "正常", "mic.denied": "浏览器拒绝使用麦克风", "mic.missing": "没有麦克风",
    "mic.ended": "麦克风已断开", "mic.muted": "麦克风被系统静音",
    "unfit.desktop-away": "没有打开的座席页面", "unfit.audio-not-taken": "没有页面接听音频，请点击“在此接听音频”",
    "unfit.stream-silent": "与服务器的连接没有响应", "unfit.stream-slow": "与服务器的连接太慢",
    "unfit.microphone-unasked": "浏览器尚未授权麦克风，请点击“检测设备”", "unfit.microphone-denied": "浏览器拒绝使用麦克风，请在地址栏中允许",
    "unfit.microphone-missing": "没有找到麦克风", "unfit.microphone-ended": "麦克风已断开",
    "unfit.microphone-muted": "麦克风被系统静音", "unfit.listening": "您正在监听通话", "unfit.media-path-failed": "无法与服务器建立音频连接，请检查网络后点击“检测设备”",
    noCallsBecause: "暂不派发来电：", "match.none": "没有找到客户", "match.several": "可能的客户", "match.unavailable": "暂时无法查询客户资料",
    history: "历史记录", when: "时间", channel: "渠道", outcome: "结果", menu: "菜单路径", waited: "等待", seconds: "秒",
    dialled: "被叫号码", dialledFirst: "原被叫号码", language: "语言", lineDown: "连接已断开，正在重连；通话的声音不受影响。",
    replaced: "此页面已在别处打开。", expired: "登录已失效，请重新登录。", tooOld: "此浏览器不支持网页电话。",
    checking: "正在检测…", checkWell: "设备正常。", checkSays: "请说话，音量条应随之变化。", "reason.": "其他",
    "reason.break": "小休", "reason.lunch": "午餐", "reason.training": "培训", "reason.meeting": "会议",
    "reason.paperwork": "文书工作", "reason.ring_no_answer": "未接来电", "reason.unreachable": "话机无法接通", "reason.phone_lost": "通话中音频中断", "reason.offers_declined": "多次拒接", "reason.disposition_missing": "未填写服务结果",
    chosen: "将您设为：", chosenNext: "将您在本次服务后设为：",
    "reason.server_restarted": "服务器重启", "reason.logged_in": "已登录",
    "ended.no-audio": "接听后未能建立音频连接，来电已返回队列。", "ended.browser-gone": "音频中断太久，您已退出通话；没有其他坐席时，来电已返回队列。您已转为示忙，恢复后请点击“示闲”。",
    "ended.not-answered": "来电无人接听。", "ended.offer-withdrawn": "来电已取消。", "ended.media-lost": "媒体服务中断，通话已结束。",
    endedMeanwhile: "连接断开期间，通话已结束。", useMicrophone: "使用的麦克风", useSpeaker: "使用的扬声器",
    systemsOwn: "系统默认", deviceTaken: "无法使用该设备，可能被其他程序占用。",
    failed: "未能完成：", gone: "连接已断开", conferenceOn: "三方通话中",
    "refusal.WrongPassword": "工号或密码不正确", "refusal.TooManyFailures": "密码错误次数过多，请稍候一分钟",
    "refusal.AgentNotFree": "该坐席当前不空闲", "refusal.NotNow": "当前状态下不能这样做", "refusal.Engaged": "通话中的另一位坐席正在咨询或转接",
    "refusal.NoSuchCall": "通话已结束", "refusal.NoSuchLine": "通话已结束", "refusal.NotTheAudio": "音频不在此页面，请先在此接听音频",
    "refusal.UnknownAgent": "没有这个坐席", "refusal.MediaUnavailable": "媒体服务暂时不可用", "refusal.NotANumber": "这不是电话号码",
    onBehalfOf: "代表队列", close: "关闭", note: "备注", keep: "保存", notes: "备注", outbound: "外呼",
    askedBy: "咨询来自", transferredBy: "转接来自", notReached: "未能接通客户：", transferFailed: "转接未成功：",
    "cause.busy": "占线", "cause.no-answer": "无人接听", "cause.declined": "拒接", "cause.unavailable": "暂时无法接通",
    "cause.unknown-number": "空号", "cause.timed_out": "无人接听", "cause.unreachable": "无法接通", "cause.called_off": "已取消",
    readOut: "向客户朗读", readOutText: "朗读内容", startReadOut: "朗读", stopReadOut: "停止朗读", beingRead: "正在朗读…", notRead: "未能朗读这段文字。",
    query: "查询", lookUp: "查询", readRows: "向客户播报所选", readAndLeave: "播报并退出通话", hearItToo: "本人也听", chosenRow: "选择", nothingFound: "没有查询结果。",
    "refusal.AlreadyReading": "正在朗读另一段文字，请先停止", "refusal.NothingRead": "没有正在朗读的内容", "refusal.VoiceMissing": "没有这种语言的语音",
    "refusal.UnknownRecord": "查询结果已过期,请重新查询",
    channels: "通话通道", channelCount: "条通道", filter: "筛选", party: "通话方", channelState: "状态", duration: "时长", codec: "编码",
    lineQuality: "丢包 / 抖动 / MOS", says: "发出", hears: "听到", recording: "录音", listeners: "监听人", actions: "操作", noChannels: "当前没有通话。",
    listen: "监听", stopListening: "结束监听", record: "录音", stopRecord: "停止录音", noLevel: "无电平", silent: "无声", decibels: "分贝",
    "role.customer": "客户", "role.agent": "座席", "role.expert": "外部专家", "role.supervisor": "班长", "direction.inbound": "呼入", "direction.outbound": "呼出",
    "leg.ringing": "振铃", "leg.arriving": "接通中", "leg.menu": "菜单", "leg.waiting": "排队", "leg.talking": "通话", "leg.held": "被保持", "leg.on_hold": "保持对方",
    "leg.conference": "会议", "leg.consult_ringing": "咨询呼叫", "leg.transfer_ringing": "转接呼叫", "leg.consulting": "咨询", "leg.consult_on_hold": "咨询保持", "leg.advising": "被咨询",
    "leg.monitor": "监听", "leg.whisper": "耳语", "leg.barge": "强插", "recording.none": "未录音", "recording.running": "录音中", "recording.masked": "已屏蔽",
    "refusal.NeverRecorded": "规则禁止对此通话录音", "refusal.AlwaysRecorded": "规则要求全程录音，不能停止", "refusal.NoRoomToRecord": "磁盘空间不足，不能录音",
    "refusal.NobodyToHear": "客户尚未与座席通话", "refusal.NoPhone": "您的电话无法接通，请先登录电话或座席页面", "refusal.TakesPart": "您已作为座席在此通话中",
    "refusal.NothingRecorded": "此通话没有录音", "refusal.NotPermitted": "您没有此项权限", "refusal.NotInCall": "该座席不在此通话中", "refusal.NotListening": "您尚未监听此通话", notPermitted: "您没有查看通话通道的权限，或登录已失效。",
  },
  en: {
    logIn: "Log in", logOut: "Log out", agentId: "Agent", password: "Password", ready: "Ready",
    notReadyBecause: "Reason for not ready", notReady: "Not ready", call: "Call", noCall: "No call at the moment.",
    answer: "Answer", hangUp: "Hang up", decline: "Decline", hold: "Hold", resume: "Resume", mute: "Mute",
    unmute: "Unmute", keypad: "Keypad", passOn: "Transfer or consult", to: "To", whom: "Whom", queue: "Queue",
    colleague: "Colleague", number: "Number", transfer: "Transfer now", consult: "Consult first",
    consultation: "Consultation", complete: "Complete transfer", swap: "Swap", conference: "Conference",
    return: "Back to the caller", dialNumber: "Call a number", dial: "Call", customer: "Customer",
    noCustomer: "The customer's record appears here when a call comes.", phone: "Phone", connection: "Server",
    audio: "Audio", microphone: "Microphone", level: "Microphone level", takeAudio: "Take the audio here",
    checkDevices: "Check devices", allWell: "Everything is well: calls can come.",
    otherPhone: "Your phone is not in the browser: calls ring on your desk phone.",
    "state.logged_out": "Logged out", "state.not_ready": "Not ready", "state.ready": "Ready",
    "state.ringing": "Ringing", "state.talking": "Talking", "state.wrap_up": "Wrap-up",
    "call.ringing": "Incoming call", "call.accepted": "Connecting…", "call.talking": "Talking",
    "call.held": "On hold", "call.lost": "Audio lost, coming back…", "call.consulting": "Consulting",
    "audio.here": "on this page", "audio.elsewhere": "on another page", "audio.nowhere": "on no page",
    "link.up": "connected", "link.down": "lost, reconnecting…",
    "mic.unasked": "not allowed yet", "mic.live": "working", "mic.denied": "refused by the browser",
    "mic.missing": "none found", "mic.ended": "unplugged", "mic.muted": "muted by the system",
    "unfit.desktop-away": "No desktop is connected",
    "unfit.audio-not-taken": "No page has the audio: choose “Take the audio here”",
    "unfit.stream-silent": "The connection to the server does not answer",
    "unfit.stream-slow": "The connection to the server is too slow",
    "unfit.microphone-unasked": "The microphone is not allowed yet: choose “Check devices”",
    "unfit.microphone-denied": "The browser refuses the microphone: allow it beside the address",
    "unfit.microphone-missing": "No microphone was found", "unfit.microphone-ended": "The microphone was unplugged",
    "unfit.microphone-muted": "The system has muted the microphone",
    "unfit.listening": "You are listening to a call",
    "unfit.media-path-failed": "No audio connection to the server: see to the network, then “Check devices”",
    noCallsBecause: "No calls are offered:", "match.none": "No customer found", "match.several": "Possible customers",
    "match.unavailable": "Customer records cannot be read right now",
    history: "History", when: "When", channel: "Channel", outcome: "Outcome", menu: "Menu", waited: "Waited",
    seconds: "s", dialled: "Number dialled", dialledFirst: "Dialled at first", language: "Language",
    lineDown: "The connection is lost and coming back; the sound of a call goes on.",
    replaced: "This page was opened elsewhere.", expired: "The session is over: please log in again.",
    tooOld: "This browser cannot be a phone.", checking: "Checking…", checkWell: "Everything works.", checkSays: "Speak: the level should move.",
    "reason.": "Other", "reason.break": "Break", "reason.lunch": "Lunch", "reason.training": "Training",
    "reason.meeting": "Meeting", "reason.paperwork": "Paperwork", "reason.ring_no_answer": "Call not answered",
    "reason.unreachable": "Phone not reachable", "reason.phone_lost": "Audio lost in a call", "reason.offers_declined": "Calls declined", "reason.disposition_missing": "Outcome not filled in",
    chosen: "has made you:", chosenNext: "has chosen what you are next:", "reason.server_restarted": "Server restarted",
    "reason.logged_in": "Logged in",
    "ended.no-audio": "No audio connection came up; the caller is back in the queue.",
    "ended.browser-gone":
      "The audio was away too long: you are out of the call, and a caller with nobody else is back in the queue. You are not ready: choose “Ready” when all is well.",
    "ended.not-answered": "The call was not answered.", "ended.offer-withdrawn": "The caller is not there any more.",
    "ended.media-lost": "The audio server failed; the call has ended.",
    endedMeanwhile: "The call ended while the connection was lost.",
    useMicrophone: "Microphone to use", useSpeaker: "Speaker to use", systemsOwn: "As the system has it",
    deviceTaken: "This device cannot be used: another program may have it.",
    failed: "Not done:", gone: "the connection is lost", conferenceOn: "Conference",
    "refusal.WrongPassword": "agent or password is wrong", "refusal.TooManyFailures": "too many wrong passwords, wait a minute",
    "refusal.AgentNotFree": "this agent is not free now", "refusal.NotNow": "this makes no sense at the moment",
    "refusal.Engaged": "another agent of the call is consulting or transferring", "refusal.NoSuchCall": "the call is over",
    "refusal.NoSuchLine": "the call is over", "refusal.NotTheAudio": "the audio is on another page: take it first",
    "refusal.UnknownAgent": "there is no such agent", "refusal.MediaUnavailable": "audio is not available right now",
    "refusal.NotANumber": "this is no telephone number",
    onBehalfOf: "On behalf of", close: "Close", note: "Note", keep: "Keep", notes: "Notes", outbound: "Outgoing",
    askedBy: "Advice for", transferredBy: "Transferred by", notReached: "The customer was not reached:",
    transferFailed: "The transfer failed:",
    "cause.busy": "busy", "cause.no-answer": "no answer", "cause.declined": "declined",
    "cause.unavailable": "not available", "cause.unknown-number": "no such number", "cause.timed_out": "no answer",
    "cause.unreachable": "not reachable", "cause.called_off": "called off",
    readOut: "Read out to the customer", readOutText: "Text to read out", startReadOut: "Read out",
    stopReadOut: "Stop reading", beingRead: "Being read out…", notRead: "The text could not be read out.",
    query: "Query", lookUp: "Look up", readRows: "Read to the caller", readAndLeave: "Read and leave the call",
    hearItToo: "I hear it, too", chosenRow: "Chosen", nothingFound: "Nothing was found.",
    "refusal.AlreadyReading": "another text is being read out: stop it first",
    "refusal.NothingRead": "nothing is being read out", "refusal.VoiceMissing": "no voice speaks this language",
    "refusal.UnknownRecord": "the result is too old: look it up again",
    channels: "Channels", channelCount: "channels", filter: "Filter", party: "Party", channelState: "State", duration: "Time", codec: "Codec",
    lineQuality: "Loss / jitter / MOS", says: "Says", hears: "Hears", recording: "Recording", listeners: "Listeners", actions: "Actions", noChannels: "No calls at the moment.",
    listen: "Listen", stopListening: "Stop listening", record: "Record", stopRecord: "Stop recording", noLevel: "no level", silent: "silent", decibels: "dB",
    "role.customer": "Customer", "role.agent": "Agent", "role.expert": "Expert", "role.supervisor": "Supervisor", "direction.inbound": "in", "direction.outbound": "out",
    "leg.ringing": "Ringing", "leg.arriving": "Arriving", "leg.menu": "Menu", "leg.waiting": "Waiting", "leg.talking": "Talking", "leg.held": "Held", "leg.on_hold": "Holds",
    "leg.conference": "Conference", "leg.consult_ringing": "Calls a consultant", "leg.transfer_ringing": "Transfers", "leg.consulting": "Consults", "leg.consult_on_hold": "Consultant holds", "leg.advising": "Advises",
    "leg.monitor": "Listens", "leg.whisper": "Whispers", "leg.barge": "Has joined in", "recording.none": "none", "recording.running": "running", "recording.masked": "masked",
    "refusal.NeverRecorded": "A rule keeps this call from being recorded", "refusal.AlwaysRecorded": "A rule records this call to its end", "refusal.NoRoomToRecord": "There is no room on the disk",
    "refusal.NobodyToHear": "The customer is not with an agent", "refusal.NoPhone": "Your own phone cannot be rung: register it, or open your desktop", "refusal.TakesPart": "You are in this call as an agent",
    "refusal.NothingRecorded": "This call is not being recorded", "refusal.NotPermitted": "You are not permitted to do this", "refusal.NotInCall": "The agent is not in this call", "refusal.NotListening": "You do not hear this call", notPermitted: "You may not see the channels, or your log-in has expired.",
  },
};

const KEPT = "hotline.language";
let language = localStorage.getItem(KEPT) ?? (navigator.language.startsWith("zh") ? "zh" : "en");

export const languageNow = () => language;

/** The word in the language of the page; what has none stands as it is. */
export function word(key, otherwise = key) {
  return WORDS[language][key] ?? otherwise;
}

/** An agent's state, with the reason where they are not ready. */
export function stateInWords(state, reason) {
  return word(`state.${state}`) + (state === "not_ready" && reason ? ` · ${word(`reason.${reason}`, reason)}` : "");
}

export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem(KEPT, language);
}

const told = new Map();

/** Words that come and go, by what gives them in the language of the moment; null: none. */
export function tell(element, say) {
  told.set(element, say);
  element.textContent = say?.() ?? "";
}

/** Put the words where the page asks for them, and say again what was told. */
export function spellOut(root = document) {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = word(element.dataset.text);
  for (const element of root.querySelectorAll("[data-label]")) element.setAttribute("aria-label", word(element.dataset.label));
  for (const [element, say] of told) element.textContent = say?.() ?? "";
}
