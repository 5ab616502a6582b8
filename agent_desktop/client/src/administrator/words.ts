/** The words of the administrator's pages, in both languages; each page's own are beside it. */

import * as alertRules from "./alert_rules/words";
import * as audit from "./audit/words";
import * as calendars from "./calendars/words";
import * as codes from "./codes/words";
import * as customerFields from "./customer_fields/words";
import * as flows from "./flows/words";
import * as forms from "./forms/words";
import * as keys from "./keys/words";
import * as matrix from "./matrix/words";
import * as nextActions from "./next_actions/words";
import * as numbers from "./numbers/words";
import * as prompts from "./prompts/words";
import * as queues from "./queues/words";
import * as roles from "./roles/words";
import * as system from "./system/words";
import * as teams from "./teams/words";
import * as templates from "./templates/words";
import * as tickets from "./tickets/words";
import * as trunks from "./trunks/words";
import * as users from "./users/words";

export const en = {
  ...alertRules.en,
  ...audit.en,
  ...codes.en,
  ...customerFields.en,
  ...flows.en,
  ...forms.en,
  ...nextActions.en,
  ...prompts.en,
  ...system.en,
  ...templates.en,
  ...tickets.en,
  ...keys.en,
  ...matrix.en,
  ...roles.en,
  ...teams.en,
  ...users.en,
  ...calendars.en,
  ...numbers.en,
  ...queues.en,
  ...trunks.en,
  definition: "Definition",
  versions: "Versions",
  noVersions: "It was not changed here yet.",
  versionNumber: "Version {{number}}",
  savedVersion: "Saved as version {{number}}.",
  rollBackTo: "Back to version {{number}}",
  rollBackReally: "It becomes what it was then, at once; what is typed here and not saved is gone.",
  changedMeanwhile: "Somebody else has changed this meanwhile.",
  notThere: "There is no such one any more.",
  "definition.remove": "Delete",
  removeReally: "Delete “{{name}}”? What it was stays in its versions.",
  id: "Id",
  removeForGood: "Delete “{{name}}” for good?",
  dotsHint: "Letters, digits, -, _ and the dot; it stays as it is.",
  wordHint: "Small letters, digits and _; it stays as it is.",
  taken: "Another one is called the same.",
  inUse: "In use",
  notInUse: "not in use",
  placeInOrder: "Place in the order",
  placeInOrderHint: "The lowest comes first.",
  forQueues: "For the queues",
  forQueuesHint: "For all queues if none is chosen.",
  none: "None",
  idHint: "Letters, digits, - and _; it stays as it is.",
  "definition.name": "Name",
  updatedAt: "Changed",
  definedBy: "Defined by {{origin}}",
  "origin.file": "the configuration file",
  "origin.edited": "this page",
  "definitionAction.created": "created",
  "definitionAction.updated": "changed",
  "definitionAction.rolled_back": "rolled back",
  "definitionAction.deleted": "deleted",
  "definitionAction.found": "found",
  "skills.title": "Skills",
  "skills.add": "New skill",
  "skills.none": "No skill is defined yet.",
};

export const zh: Record<keyof typeof en, string> = {
  ...alertRules.zh,
  ...codes.zh,
  ...customerFields.zh,
  ...forms.zh,
  ...nextActions.zh,
  ...templates.zh,
  ...tickets.zh,
  ...audit.zh,
  ...flows.zh,
  ...prompts.zh,
  ...system.zh,
  ...keys.zh,
  ...matrix.zh,
  ...roles.zh,
  ...teams.zh,
  ...users.zh,
  ...calendars.zh,
  ...numbers.zh,
  ...queues.zh,
  ...trunks.zh,
  definition: "定义",
  versions: "版本",
  noVersions: "尚未在此修改过。",
  versionNumber: "版本 {{number}}",
  savedVersion: "已保存为版本 {{number}}。",
  rollBackTo: "恢复到版本 {{number}}",
  rollBackReally: "将立即恢复为该版本的内容，本页未保存的修改会丢失。",
  changedMeanwhile: "此项已被他人修改。",
  notThere: "此项已不存在。",
  "definition.remove": "删除",
  removeReally: "确定删除“{{name}}”吗？历史版本会保留。",
  id: "标识",
  removeForGood: "确定永久删除“{{name}}”吗？",
  dotsHint: "字母、数字、-、_ 和点，创建后不可更改。",
  wordHint: "小写字母、数字和 _，创建后不可更改。",
  taken: "与另一项重复。",
  inUse: "启用",
  notInUse: "已停用",
  placeInOrder: "排序号",
  placeInOrderHint: "数字小的排在前面。",
  forQueues: "适用队列",
  forQueuesHint: "不选表示适用于全部队列。",
  none: "无",
  idHint: "字母、数字、- 和 _，创建后不可更改。",
  "definition.name": "名称",
  updatedAt: "修改时间",
  definedBy: "以{{origin}}为准",
  "origin.file": "配置文件",
  "origin.edited": "本页面",
  "definitionAction.created": "新建",
  "definitionAction.updated": "修改",
  "definitionAction.rolled_back": "恢复",
  "definitionAction.deleted": "删除",
  "definitionAction.found": "读取",
  "skills.title": "技能",
  "skills.add": "新建技能",
  "skills.none": "尚未定义技能。",
};
