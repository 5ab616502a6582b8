export const en = {
  "matrix.title": "Skills matrix",
  "matrix.agent": "Agent",
  "matrix.whoHas": "Who has",
  "matrix.how": "Type a level from 1 to 10, 0 for none; arrows go from cell to cell.",
  "matrix.changes": "Changed: {{cells}} levels of {{agents}} agents",
  "matrix.drop": "Drop the changes",
  "matrix.tooMany": "At most {{most}} agents can be changed at once.",
  "matrix.none": "Nobody matches.",
};

export const zh: Record<keyof typeof en, string> = {
  "matrix.title": "技能矩阵",
  "matrix.agent": "坐席",
  "matrix.whoHas": "具备技能",
  "matrix.how": "输入 1 到 10 级，0 表示不具备；用方向键切换单元格。",
  "matrix.changes": "已修改 {{agents}} 名坐席的 {{cells}} 项技能等级",
  "matrix.drop": "放弃修改",
  "matrix.tooMany": "一次最多可修改 {{most}} 名坐席。",
  "matrix.none": "没有符合条件的坐席。",
};
