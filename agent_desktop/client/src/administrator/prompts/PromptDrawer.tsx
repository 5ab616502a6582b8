/** One text: heard as callers hear it now, recorded anew, or given back to the voice. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../parts/Button";
import { Facts } from "../../parts/Card";
import { Drawer } from "../../parts/Drawer";
import { Failure } from "../../parts/Failure";
import { Sure } from "../../parts/Sure";
import { useBlobUrl } from "../../parts/useBlobUrl";
import { useDone } from "../../parts/useDone";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import { type Prompt, Source } from "./PromptsPage";

export function PromptDrawer({ of, onClose }: { of: Prompt; onClose(): void }) {
  const { word, named } = useWords();
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [taken, setTaken] = useState(0); // the field begins anew with each
  const { busy, failure, attempt, forget } = useDone();
  const [asked, setAsked] = useState(false);
  const params = { path: { prompt: of.id } };
  async function change(work: () => Promise<unknown>) {
    if (!(await attempt(work))) return;
    setFile(null);
    setAsked(false);
    setTaken((before) => before + 1);
    await queries.invalidateQueries({ queryKey: ["prompts"] });
    await queries.invalidateQueries({ queryKey: ["prompt-audio", of.id] });
  }
  function record(event: FormEvent) {
    event.preventDefault();
    if (!file) return;
    void change(() =>
      got(
        api.PUT("/api/v1/prompts/{prompt}/audio", {
          params,
          headers: { "Content-Type": "audio/wav" },
          body: "",
          bodySerializer: () => file,
        }),
      ),
    );
  }
  return (
    <Drawer title={word("prompts.one")} about={of.id} onClose={onClose}>
      <blockquote className="prompt-text" lang={of.language}>
        {of.text}
      </blockquote>
      <Facts
        facts={[
          [word("language"), named("spoken", of.language)],
          [word("prompts.source"), <Source key="source" of={of.source} />],
          [
            word("prompts.usedBy"),
            <ul key="uses">
              {of.used_by.map((use) => (
                <li key={use}>{use}</li>
              ))}
            </ul>,
          ],
          [word("prompts.id"), <code key="id">{of.id}</code>],
        ]}
      />
      {of.source === "none" ? <p className="muted">{word("prompts.notRendered")}</p> : <Heard of={of} />}
      <form className="stack" onSubmit={record}>
        <label className="field">
          <span>{word("prompts.recording")}</span>
          <input
            key={taken}
            id="prompt-file"
            type="file"
            accept="audio/wav,.wav"
            onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          />
          <span className="hint">{word("prompts.recordingHint")}</span>
        </label>
        {!asked && <Failure of={failure} exact />}
        <div className="buttons">
          <Button id="prompt-record" type="submit" look="primary" isDisabled={busy || !file}>
            {word("prompts.record")}
          </Button>
          {of.source === "studio" && (
            <Button
              id="prompt-withdraw"
              look="stop"
              isDisabled={busy}
              onPress={() => {
                forget();
                setAsked(true);
              }}
            >
              {word("prompts.withdraw")}
            </Button>
          )}
        </div>
      </form>
      {asked && (
        <Sure
          title={word("prompts.withdraw")}
          busy={busy}
          failure={failure}
          onClose={() => setAsked(false)}
          onSure={() => void change(() => got(api.DELETE("/api/v1/prompts/{prompt}/audio", { params })))}
        >
          {word("prompts.withdrawReally")}
        </Sure>
      )}
    </Drawer>
  );
}

function Heard({ of }: { of: Prompt }) {
  const { word } = useWords();
  const sound = useQuery({
    queryKey: ["prompt-audio", of.id, of.source],
    queryFn: () =>
      got(
        api.GET("/api/v1/prompts/{prompt}/audio", {
          params: { path: { prompt: of.id } },
          parseAs: "blob",
        }),
      ),
  });
  const url = useBlobUrl(sound.data);
  if (sound.error) return <Failure of={sound.error} />;
  if (!url) return <p role="status">{word("loading")}</p>;
  // biome-ignore lint/a11y/useMediaCaption: what it says stands above
  return <audio id="prompt-audio" controls src={url} aria-label={word("prompts.listen")} />;
}
