/** The words of the customers' fields, in both languages. */

export const en = {
  "customerFields.title": "Customer fields",
  "customerFields.add": "New field",
  "customerFields.none": "The centre has no field of its own yet.",
  "customerFields.section": "Section",
  "customerFields.appliesTo": "For",
  "customerFields.sensitive": "Masked, and shown on request only",
  "customerFields.fixed": "Its kind and whom it is for stay as they are: values depend on them.",
  "appliesTo.both": "Everybody",
  "appliesTo.person": "People",
  "appliesTo.company": "Companies",
  "customerFieldType.text": "Text",
  "customerFieldType.number": "Number",
  "customerFieldType.money": "Money",
  "customerFieldType.date": "Date",
  "customerFieldType.choice": "One of several",
  "customerFieldType.boolean": "Yes or no",
};

export const zh: Record<keyof typeof en, string> = {
  "customerFields.title": "客户字段",
  "customerFields.add": "新建字段",
  "customerFields.none": "尚未添加自定义客户字段。",
  "customerFields.section": "分组",
  "customerFields.appliesTo": "适用对象",
  "customerFields.sensitive": "敏感信息：默认隐藏，按需显示",
  "customerFields.fixed": "类型和适用对象不可更改：已有数据依赖于此。",
  "appliesTo.both": "个人和企业",
  "appliesTo.person": "个人",
  "appliesTo.company": "企业",
  "customerFieldType.text": "文本",
  "customerFieldType.number": "数字",
  "customerFieldType.money": "金额",
  "customerFieldType.date": "日期",
  "customerFieldType.choice": "单选",
  "customerFieldType.boolean": "是或否",
};
