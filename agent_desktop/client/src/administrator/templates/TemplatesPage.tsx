/** Texts for speech, SMS, mail and fax, in both languages, with what becomes of them. */

import { useState } from "react";
import { Select, TextField } from "../../parts/Fields";
import { LabelsField, NO_LABELS } from "../../parts/LabelsField";
import { Rows } from "../../parts/Rows";
import { api, got, type Schemas } from "../../server/rest";
import { inLanguage, named, useWords, word } from "../../words/words";
import { updatedColumn } from "../definitions/columns";
import { DefinitionPages } from "../definitions/DefinitionPages";
import { Editing } from "../definitions/Editing";
import type { EditorProps, Kind } from "../definitions/kind";
import { WordField } from "../definitions/WordField";
import { TemplatePreview } from "./TemplatePreview";
import { kept, newVariable, TYPES, typed, type Variable, type VariableType } from "./variables";

type Template = Schemas["TemplateView"];
type Content = Template["definition"];
type Channel = Content["channel"];

const CHANNELS: readonly Channel[] = ["speech", "sms", "email", "fax"];
/** How an example is written where that is not plain. */
const HINTS = {
  date: "templates.dateHint",
  time: "templates.timeHint",
  list: "templates.listHint",
  table: "templates.tableHint",
} as const satisfies Partial<Record<VariableType, string>>;

const nameOf = ({ definition }: Template) => inLanguage({ ...definition.labels });
const channelOf = ({ definition }: Template) => named("templateChannel", definition.channel);

const KIND: Kind<Template> = {
  path: "templates",
  title: "templates.title",
  add: "templates.add",
  empty: "templates.none",
  columns: () => [
    { id: "name", label: word("definition.name"), cell: nameOf, by: nameOf },
    { id: "channel", label: word("templates.channel"), cell: channelOf, by: channelOf },
    updatedColumn(),
  ],
  async list() {
    const all = await got(api.GET("/api/v1/templates"));
    const place = ({ definition }: Template) => CHANNELS.indexOf(definition.channel);
    return [...all].sort((one, other) => place(one) - place(other));
  },
  nameOf,
  Editor: TemplateEditor,
  remove: ({ id, version }) =>
    got(
      api.DELETE("/api/v1/templates/{definition_id}", {
        params: { path: { definition_id: id }, query: { version } },
      }),
    ),
  versions: (id, after) =>
    got(
      api.GET("/api/v1/templates/{definition_id}/versions", {
        params: { path: { definition_id: id }, query: { after } },
      }),
    ),
  rollBack: ({ id, version }, to) =>
    got(
      api.POST("/api/v1/templates/{definition_id}/roll-back", {
        params: { path: { definition_id: id } },
        body: { version, to },
      }),
    ),
};

export default function TemplatesPage() {
  return <DefinitionPages kind={KIND} />;
}

function TemplateEditor({ of, onSaved }: EditorProps<Template>) {
  const { word, named } = useWords();
  const before = of?.definition;
  const [labels, setLabels] = useState(before?.labels ?? NO_LABELS);
  const [channel, setChannel] = useState<Channel>(before?.channel ?? "sms");
  const [subject, setSubject] = useState(before?.subject ?? NO_LABELS);
  const [body, setBody] = useState(before?.body ?? NO_LABELS);
  const [document, setDocument] = useState(before?.document ?? "");
  const [variables, setVariables] = useState(() => (before?.variables ?? []).map(typed));
  const definition: Content = {
    labels,
    channel,
    subject: channel === "email" ? subject : null,
    body,
    variables: variables.map(kept),
    document: channel === "fax" && document.trim() ? document.trim() : null,
  };
  const save = () =>
    of
      ? got(
          api.PATCH("/api/v1/templates/{definition_id}", {
            params: { path: { definition_id: of.id } },
            body: { version: of.version, definition },
          }),
        )
      : got(api.POST("/api/v1/templates", { body: definition }));
  return (
    <Editing save={save} onSaved={onSaved}>
      <LabelsField labels={labels} onChange={setLabels} />
      <Select
        id="channel"
        label={word("templates.channel")}
        options={CHANNELS.map((id) => ({ id, label: named("templateChannel", id) }))}
        value={channel}
        onChange={(to) => setChannel(to as Channel)}
      />
      {channel === "fax" && (
        <TextField
          name="document"
          label={word("templates.document")}
          hint={word("templates.documentHint")}
          value={document}
          onChange={setDocument}
          maxLength={8}
        />
      )}
      {channel === "email" && (
        <LabelsField
          what={word("templates.subject")}
          prefix="subject-"
          labels={subject}
          onChange={setSubject}
          maxLength={500}
        />
      )}
      <LabelsField
        what={word("templates.body")}
        prefix="body-"
        labels={body}
        onChange={setBody}
        maxLength={10_000}
        lines={6}
      />
      <p className="muted">{word("templates.how", { open: "{{", close: "}}" })}</p>
      <Rows
        label={word("templates.variables")}
        name="variables"
        rows={variables}
        onChange={setVariables}
        blank={newVariable}
        add={word("templates.addVariable")}
        nameOf={({ name }) => name || word("templates.newVariable")}
        most={50}
      >
        {(one, change) => <VariableFields of={one} change={change} />}
      </Rows>
      <TemplatePreview definition={definition} />
    </Editing>
  );
}

function VariableFields({ of, change }: { of: Variable; change(to: Variable): void }) {
  const { word, named } = useWords();
  const hint = of.type in HINTS ? HINTS[of.type as keyof typeof HINTS] : undefined;
  const example = (to: string) => change({ ...of, example: to });
  return (
    <div className="row">
      <WordField
        name="variable"
        label={word("templates.variable")}
        hint={word("templates.variableHint")}
        value={of.name}
        onChange={(name) => change({ ...of, name })}
      />
      <Select
        label={word("templates.type")}
        options={TYPES.map((id) => ({ id, label: named("variableType", id) }))}
        value={of.type}
        onChange={(type) => change({ ...of, type: type as VariableType })}
      />
      {of.type === "truth" ? (
        <Select
          label={word("templates.example")}
          options={["true", "false"].map((id) => ({ id, label: named("truth", id) }))}
          value={of.example === "true" ? "true" : "false"}
          onChange={example}
        />
      ) : (
        <TextField
          name="example"
          label={word("templates.example")}
          hint={hint && word(hint)}
          value={of.example}
          onChange={example}
          lines={of.type === "list" || of.type === "table" ? 3 : 1}
          isRequired
          maxLength={2000}
        />
      )}
    </div>
  );
}
