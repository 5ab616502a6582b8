/** What the agent has begun to write: kept on the server while they type, so that no reload loses it. */

import { useEffect, useRef, useState } from "react";
import { api, got, type Schemas } from "../server/rest";
import { Newest } from "./newest";

type DraftKind = Schemas["DraftView"]["kind"];

export interface Draft<T> {
  content: T;
  change(news: Partial<T>): void;
  /** It was handed in: nothing is kept of it. */
  drop(): void;
  /** Why it is only on this page, if so. */
  failure: unknown;
}

const PATH = "/api/v1/drafts/{kind}/{about}";
const KEEP_AFTER = 500; // ms without a key
const AGAIN_AFTER = 5_000; // ms from a saving that failed

/** `about`: a contact or interaction; whoever uses it is keyed by that. `empty` is what a draft begins with. */
export function useDraft<T extends object>(kind: DraftKind, about: string, empty: T): Draft<T> {
  const [content, setContent] = useState(empty);
  const [failure, setFailure] = useState<unknown>(null);
  const now = useRef({
    content: empty,
    touched: false,
    timer: undefined as ReturnType<typeof setTimeout> | undefined,
    server: new Newest(),
    gone: false,
  });
  const params = { path: { kind, about } };

  async function keep(leaving = false): Promise<void> {
    const body = { content: now.current.content as Schemas["DraftToKeep"]["content"] };
    try {
      await got(api.PUT(PATH, { params, body, keepalive: leaving }));
      setFailure(null);
    } catch (error) {
      setFailure(error);
      const mine = now.current; // the server may not be reached, or not know the contact yet
      if (!leaving && !mine.gone && mine.touched)
        mine.timer ??= setTimeout(() => keeping.current(), AGAIN_AFTER);
    }
  }

  /** `leaving`: the page goes and waits for nothing. */
  function keepNow(leaving = false): void {
    const mine = now.current;
    clearTimeout(mine.timer);
    mine.timer = undefined;
    if (leaving) void keep(true);
    else mine.server.do(keep);
  }

  const keeping = useRef(keepNow);
  keeping.current = keepNow;

  useEffect(() => {
    const mine = now.current;
    mine.gone = false;
    read<T>(kind, about).then(
      (found) => {
        if (mine.gone || mine.touched || !found) return; // what is typed meanwhile counts
        mine.content = { ...mine.content, ...found };
        setContent(mine.content);
      },
      (error) => !mine.gone && setFailure(error),
    );
    const leave = () => mine.timer && keeping.current(true);
    addEventListener("pagehide", leave);
    return () => {
      mine.gone = true;
      removeEventListener("pagehide", leave);
      if (mine.timer) keeping.current();
    };
  }, [kind, about]);

  return {
    content,
    failure,
    change(news) {
      const mine = now.current;
      mine.touched = true;
      mine.content = { ...mine.content, ...news };
      setContent(mine.content);
      clearTimeout(mine.timer);
      mine.timer = setTimeout(() => keeping.current(), KEEP_AFTER);
    },
    drop() {
      const mine = now.current;
      clearTimeout(mine.timer);
      Object.assign(mine, { timer: undefined, content: empty, touched: false });
      setContent(empty);
      mine.server.do(() => got(api.DELETE(PATH, { params })).catch(setFailure));
    },
  };
}

/** Of all of one's own: to ask for one that is not there would be an error in the browser's eyes. */
async function read<T>(kind: DraftKind, about: string): Promise<T | null> {
  const own = await got(api.GET("/api/v1/drafts"));
  return (own.find((one) => one.kind === kind && one.about === about)?.content as T | undefined) ?? null;
}
