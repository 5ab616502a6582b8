/** The words of the outcomes' page, in both languages. */

export const en = {
  "codes.title": "Outcomes",
  "codes.add": "New outcome",
  "codes.none": "No outcome is defined yet.",
  "codes.group": "Below",
  "codes.form": "With the form",
  "codes.fixed": "What it stands below and its form stay as they are: figures are added up by them.",
};

export const zh: Record<keyof typeof en, string> = {
  "codes.title": "处理结果",
  "codes.add": "新建处理结果",
  "codes.none": "尚未定义处理结果。",
  "codes.group": "上级",
  "codes.form": "填写表单",
  "codes.fixed": "上级和表单不可更改：统计数据以此汇总。",
};
