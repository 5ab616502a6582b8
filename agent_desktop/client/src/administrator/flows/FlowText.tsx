/** The flow's YAML: changed here, checked against the whole centre, published as a new version. */

import { useEffect, useRef, useState } from "react";
import { Button } from "../../parts/Button";
import { Card } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { Select } from "../../parts/Fields";
import { useDone } from "../../parts/useDone";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import { same, type Written } from "./FlowPage";
import type { Flow } from "./figures";
import { NoteField } from "./NoteField";
import { Problems } from "./Problems";
import { UnifiedDifference } from "./UnifiedDifference";
import { type EditorHandle, YamlEditor } from "./YamlEditor";

type Problem = Schemas["FlowProblem"];

interface FlowTextProps {
  flow: Flow;
  /** The one that the draft is a change of. */
  version: number;
  draft: Written;
  published: Written;
  onChange(draft: Written): void;
  onPublished(flow: Flow): void;
}

export function FlowText({ flow, version, draft, published, onChange, onPublished }: FlowTextProps) {
  const { word } = useWords();
  const [file, setFile] = useState(draft.main);
  const [problems, setProblems] = useState<readonly Problem[] | null>(null);
  const [difference, setDifference] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const { busy, failure, attempt } = useDone();
  const editor = useRef<EditorHandle>(null);
  const [goal, setGoal] = useState<{ line: number } | null>(null);
  useEffect(() => {
    if (goal) editor.current?.goTo(goal.line); // by now it is the editor of the file that was chosen
  }, [goal]);
  const shown = file in draft.texts ? file : draft.main;
  const params = { path: { flow: flow.name } };
  const { main, texts } = draft;
  async function check() {
    setProblems(null);
    await attempt(async () => {
      const found = await got(
        api.POST("/api/v1/flows/{flow}/check", { params, body: { main, texts, sounds: {} } }),
      );
      setProblems(found.problems);
    });
  }
  async function publish() {
    await attempt(async () => {
      const found = await got(
        api.POST("/api/v1/flows/{flow}/check", { params, body: { main, texts, sounds: {} } }),
      );
      setProblems(found.problems);
      if (found.problems.length) return;
      const body = { main, texts, sounds: {}, version, note: note.trim() || null };
      onPublished(await got(api.POST("/api/v1/flows/{flow}/publish", { params, body })));
      setProblems(null);
      setDifference(null);
      setNote("");
    });
  }
  async function compare() {
    await attempt(async () => {
      const body = { main, texts, sounds: {} };
      const found = await got(api.POST("/api/v1/flows/{flow}/difference", { params, body }));
      setDifference(found.difference);
    });
  }
  function change(to: Written) {
    setDifference(null); // of what was typed before
    onChange(to);
  }
  function goTo({ file: where, line }: Problem) {
    setFile(fileOf(where, draft));
    setGoal({ line });
  }
  return (
    <Card title={word("flows.text")}>
      <div className="stack">
        {Object.keys(texts).length > 1 && (
          <Select
            label={word("flows.file")}
            value={shown}
            onChange={setFile}
            options={Object.keys(texts).map((name) => ({ id: name, label: `${name}.yaml` }))}
          />
        )}
        <YamlEditor
          key={shown}
          ref={editor}
          label={`${shown}.yaml`}
          text={texts[shown] ?? ""}
          onChange={(text) => change({ main, texts: { ...texts, [shown]: text } })}
        />
        <NoteField value={note} onChange={setNote} />
        <div className="buttons">
          <Button id="check" isDisabled={busy} onPress={() => void check()}>
            {word("flows.check")}
          </Button>
          <Button
            id="publish"
            look="primary"
            isDisabled={busy || same(draft, published)}
            onPress={() => void publish()}
          >
            {word("flows.publish")}
          </Button>
          <Button
            id="compare"
            isDisabled={busy || same(draft, published)}
            aria-expanded={difference !== null}
            onPress={() => (difference === null ? void compare() : setDifference(null))}
          >
            {word("flows.difference")}
          </Button>
          <Button isDisabled={busy || same(draft, published)} onPress={() => change(published)}>
            {word("flows.discard")}
          </Button>
          {busy && <span role="status">{word("flows.checking")}</span>}
        </div>
        <Failure of={failure} exact />
        <Problems of={problems} onGoTo={goTo} />
        {difference !== null && <UnifiedDifference text={difference} />}
      </div>
    </Card>
  );
}

/** A problem names "bank.yaml"; the texts are kept as "bank". */
function fileOf(where: string, { texts, main }: Written): string {
  const name = where.replace(/^.*\//, "").replace(/\.ya?ml$/, "");
  return name in texts ? name : main;
}
