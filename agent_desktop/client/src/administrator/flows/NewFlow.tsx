/** A flow that no file has: named, written, checked against the whole centre, and published. */

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { Form } from "react-aria-components";
import { Link, useNavigate } from "react-router";
import { Button } from "../../parts/Button";
import { Card } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { TextField } from "../../parts/Fields";
import { useDone } from "../../parts/useDone";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import { NoteField } from "./NoteField";
import { Problems } from "./Problems";
import { type EditorHandle, YamlEditor } from "./YamlEditor";

const BEGUN = "languages: [zh, en]\nstart: goodbye\nnodes:\n  goodbye: {type: hang_up}\n";

export function NewFlow() {
  const { word } = useWords();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [text, setText] = useState(BEGUN);
  const [note, setNote] = useState("");
  const [problems, setProblems] = useState<readonly Schemas["FlowProblem"][] | null>(null);
  const { busy, failure, attempt } = useDone();
  const editor = useRef<EditorHandle>(null);
  async function publish(event: FormEvent) {
    event.preventDefault();
    await attempt(async () => {
      const draft = { main: name, texts: { [name]: text }, sounds: {} };
      const params = { path: { flow: name } };
      const found = await got(api.POST("/api/v1/flows/{flow}/check", { params, body: draft }));
      setProblems(found.problems);
      if (found.problems.length) return;
      await got(api.POST("/api/v1/flows", { body: { name, text, note: note.trim() || null } }));
      await queries.invalidateQueries({ queryKey: ["flows"] });
      await navigate(`/administrator/flows/of/${encodeURIComponent(name)}`, { replace: true });
    });
  }
  return (
    <>
      <div className="page-head">
        <h1>{word("flows.add")}</h1>
        <span className="gap" />
        <Link to="/administrator/flows">{word("flows.title")}</Link>
      </div>
      <Card title={word("flows.text")}>
        <Form className="stack" onSubmit={(event) => void publish(event)}>
          <TextField
            name="name"
            label={word("flows.newName")}
            hint={word("flows.newNameHint")}
            value={name}
            onChange={setName}
            isRequired
            maxLength={64}
            pattern="[a-z0-9][a-z0-9_\-]*"
          />
          <YamlEditor ref={editor} label={word("flows.text")} text={text} onChange={setText} />
          <NoteField value={note} onChange={setNote} />
          <div className="buttons">
            <Button id="publish" type="submit" look="primary" isDisabled={busy}>
              {word("flows.publish")}
            </Button>
            {busy && <span role="status">{word("flows.checking")}</span>}
          </div>
          <Failure of={failure} exact />
          <Problems of={problems} onGoTo={({ line }) => editor.current?.goTo(line)} />
        </Form>
      </Card>
    </>
  );
}
