/** The words of the pages of what tickets are made by, in both languages. */

export const en = {
  "reasons.title": "Ticket reasons",
  "reasons.add": "New reason",
  "reasons.none": "No reason is defined yet.",
  "reasons.kind": "What it says",
  "reasonKind.reason": "Why a customer comes",
  "reasonKind.cause": "What was wrong with us",
  "reasons.types": "For tickets of the types",
  "reasons.typesHint": "For all types if none is chosen.",
};

export const zh: Record<keyof typeof en, string> = {
  "reasons.title": "工单原因",
  "reasons.add": "新建原因",
  "reasons.none": "尚未定义原因。",
  "reasons.kind": "类别",
  "reasonKind.reason": "来访原因",
  "reasonKind.cause": "责任根因",
  "reasons.types": "适用工单类型",
  "reasons.typesHint": "不选表示适用于全部类型。",
};
