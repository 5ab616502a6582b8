import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Bookmark, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "../parts/Button";
import { Card, Empty } from "../parts/Card";
import { Checkbox, TextField } from "../parts/Fields";
import { length } from "../parts/time";
import { api, got, type Schemas } from "../server/rest";
import { may, useSession } from "../session/session";
import { inLanguage, languageNow, useWords, whyNot } from "../words/words";

interface BookmarksProps {
  recording: string;
  /** Where it is being played, in seconds. */
  at: number;
  onGo(seconds: number): void;
}

/** Moments of a recording, with what somebody noted there. */
export function Bookmarks({ recording, at, onGo }: BookmarksProps) {
  const { word } = useWords();
  const { account } = useSession();
  const kept = useQueryClient();
  const [text, setText] = useState("");
  const [shared, setShared] = useState(false);
  const path = { recording_id: recording };
  const bookmarks = useQuery({
    queryKey: ["bookmarks", recording],
    queryFn: () => got(api.GET("/api/v1/recordings/{recording_id}/bookmarks", { params: { path } })),
  });
  const again = () => kept.invalidateQueries({ queryKey: ["bookmarks", recording] });
  const add = useMutation({
    mutationFn: () => {
      const body = { from_ms: Math.round(1000 * at), text: { [languageNow()]: text.trim() }, shared };
      return got(api.POST("/api/v1/recordings/{recording_id}/bookmarks", { params: { path }, body }));
    },
    onSuccess: () => setText(""),
    onSettled: again,
  });
  const remove = useMutation({
    mutationFn: ({ id, version }: Schemas["BookmarkView"]) =>
      got(
        api.DELETE("/api/v1/recordings/{recording_id}/bookmarks/{bookmark_id}", {
          params: { path: { ...path, bookmark_id: id }, query: { version } },
        }),
      ),
    onSettled: again,
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (text.trim()) add.mutate();
  }
  const failure = bookmarks.error ?? add.error ?? remove.error;
  return (
    <Card title={word("bookmarks")}>
      {failure && <p role="alert">{whyNot(failure)}</p>}
      {bookmarks.data?.length === 0 && <Empty>{word("noBookmarks")}</Empty>}
      <ul className="stack">
        {bookmarks.data?.map((one) => (
          <li key={one.id} className="buttons">
            <Button look="quiet" onPress={() => onGo(one.heard_from_ms / 1000)}>
              <Bookmark />
              {length(one.heard_from_ms / 1000)}
            </Button>
            <span>{inLanguage(one.text as Record<string, string>)}</span>
            <span className="muted">{one.made_by}</span>
            {one.made_by === account?.id && (
              <Button look="quiet" aria-label={word("remove")} onPress={() => remove.mutate(one)}>
                <Trash2 />
              </Button>
            )}
          </li>
        ))}
      </ul>
      {may(account, "recordings.play") && (
        <form className="row" onSubmit={submit}>
          <TextField
            label={`${word("addBookmark")} (${length(at)})`}
            value={text}
            onChange={setText}
            maxLength={2000}
          />
          <Checkbox isSelected={shared} onChange={setShared}>
            {word("shareBookmark")}
          </Checkbox>
          <Button type="submit">{word("keep")}</Button>
        </form>
      )}
    </Card>
  );
}
