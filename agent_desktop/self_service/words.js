/** Every word on the customers' pages that no flow says, in both languages. */

const WORDS = {
  zh: {
    title: "自助服务", chatTitle: "自助服务对话", choose: "请选择服务", next: "下一步", send: "发送", leave: "结束",
    ended: "本次服务已结束", again: "重新开始", yourAnswer: "您的回答", other: "其他选择", options: "可选的回答",
    lines: "对话内容", toChat: "用对话的方式", toForm: "用表单的方式", offline: "连接已断开,正在重连…",
    tooMany: "请求太多,请稍后再试。", gone: "本次服务已不存在,请重新开始。", refused: "暂时无法办理,请稍后再试。", other_language: "English",
  },
  en: {
    title: "Self-service", chatTitle: "Self-service chat", choose: "Choose a service", next: "Next", send: "Send", leave: "Finish",
    ended: "This session is over", again: "Start again", yourAnswer: "Your answer", other: "Other choices", options: "Answers to choose from",
    lines: "Conversation", toChat: "As a chat", toForm: "As a form", offline: "The connection is lost, trying again …",
    tooMany: "Too many requests; please try again later.", gone: "This session is not there any more; please start again.", refused: "This does not work at the moment; please try again later.", other_language: "中文",
  },
};

const KEPT = "self-service-language";
let language = localStorage.getItem(KEPT) ?? (navigator.language.startsWith("zh") ? "zh" : "en");

export const spoken = () => language;
export const word = (name) => WORDS[language][name];

export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem(KEPT, language);
}

/** Put the words into the page. */
export function write() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const each of document.querySelectorAll("[data-text]")) each.textContent = word(each.dataset.text);
  for (const each of document.querySelectorAll("[data-label]")) each.setAttribute("aria-label", word(each.dataset.label));
  document.title = document.querySelector("h1").textContent;
  const button = document.getElementById("language");
  button.textContent = word("other_language");
  button.lang = language === "zh" ? "en" : "zh-CN";
}
