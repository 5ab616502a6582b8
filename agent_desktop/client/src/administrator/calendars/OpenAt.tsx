import { type FormEvent, useState } from "react";
import { Button } from "../../parts/Button";
import { Card, Pill } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { TextField } from "../../parts/Fields";
import { useDone } from "../../parts/useDone";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import type { Calendar } from "./calendar";
import { momentIn } from "./wall_time";

type Told = { asked: string; time: Schemas["WorkingTime"] };

const MINUTE = 60_000; // ms

/** Whether it is open at a moment of its own zone, as the server reckons; of what is saved. */
export function OpenAt({ of }: { of: Calendar }) {
  const { word, language } = useWords();
  const [wall, setWall] = useState("");
  const [told, setTold] = useState<Told | null>(null);
  const { busy, failure, attempt } = useDone();
  const zone = of.hours.time_zone;
  async function ask(event: FormEvent) {
    event.preventDefault();
    const since = momentIn(zone, wall).toISOString();
    await attempt(async () => {
      const time = await got(
        api.GET("/api/v1/working-calendars/{calendar_id}/time", {
          params: { path: { calendar_id: of.id }, query: { since, minutes: 1 } },
        }),
      );
      setTold({ asked: wall, time });
    });
  }
  const shown = (at: Date) =>
    new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
      dateStyle: "full",
      timeStyle: "short",
      timeZone: zone,
    }).format(at);
  const worked = told?.time.at ? new Date(told.time.at) : null;
  return (
    <Card id="open-at" title={word("calendars.openAt")}>
      <form className="row" onSubmit={(event) => void ask(event)}>
        <TextField
          name="open-at"
          type="datetime-local"
          label={word("calendars.at", { zone })}
          value={wall}
          onChange={setWall}
          isRequired
        />
        <Button type="submit" id="ask-open" isDisabled={busy}>
          {word("calendars.ask")}
        </Button>
      </form>
      <Failure of={failure} exact />
      <p role="status">
        {told && told.asked === wall && (
          <>
            <Pill kind={told.time.open_now ? "good" : "away"}>
              {word(told.time.open_now ? "calendars.open" : "calendars.closed")}
            </Pill>{" "}
            {!told.time.open_now && (
              <span className="muted">
                {worked
                  ? word("calendars.opensNext", { at: shown(new Date(worked.valueOf() - MINUTE)) })
                  : word("calendars.neverOpens")}
              </span>
            )}
          </>
        )}
      </p>
    </Card>
  );
}
