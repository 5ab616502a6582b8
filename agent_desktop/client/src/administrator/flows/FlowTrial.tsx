/** A caller who is not there walks through the flow: nobody is called, asked or charged. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../parts/Button";
import { Card, Empty } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { Checkbox } from "../../parts/Fields";
import { useSettled } from "../../parts/useSettled";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import type { Written } from "./FlowPage";
import type { Flow } from "./figures";
import { OutsideForm } from "./OutsideForm";
import { askedBy, givenOf, NOTHING_OUTSIDE, type Outside } from "./outside";
import { TrialEnd } from "./TrialEnd";
import { type Deed, TrialQuestion } from "./TrialQuestion";
import { TrialSteps } from "./TrialSteps";

export type Trial = Schemas["FlowTrial"];

interface FlowTrialProps {
  flow: Flow;
  /** What is typed and not published; null where it is as published. */
  draft: Written | null;
  /** Nothing is walked while nobody looks. */
  isShown: boolean;
}

export function FlowTrial({ flow, draft, isShown }: FlowTrialProps) {
  const { word } = useWords();
  const [deeds, setDeeds] = useState<readonly Deed[]>([]);
  const [outside, setOutside] = useState<Outside>(NOTHING_OUTSIDE);
  const [isOfDraft, setOfDraft] = useState(true);
  const [first, setFirst] = useState<string | null>(null);
  const about = useQuery({
    queryKey: ["about"],
    queryFn: () => got(api.GET("/api/v1/about")),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const settled = useSettled(draft);
  const given = useSettled(outside);
  const written = settled && isOfDraft ? { main: settled.main, texts: settled.texts, sounds: {} } : null;
  const languages = about.data?.languages ?? [];
  const trials = useQuery({
    queryKey: ["flow-trial", flow.name, written ?? flow.version, deeds, given, languages],
    enabled: about.isSuccess && isShown,
    queryFn: async ({ signal }) => {
      const walks = await Promise.all(
        languages.map((language) =>
          got(
            api.POST("/api/v1/flows/{flow}/trial", {
              signal,
              params: { path: { flow: flow.name } },
              body: {
                ...(written ? { draft: written } : { version: flow.version }),
                language,
                deeds: [...deeds],
                given: givenOf(given),
              },
            }),
          ),
        ),
      );
      return { walks, deeds: deeds.length };
    },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY, // the same walk each time
    gcTime: 0,
    retry: false,
  });
  const all = trials.data?.walks ?? [];
  const busy = trials.isPlaceholderData; // what is shown is of before: nothing is done in it twice
  const turn = useTurn(trials.data?.deeds ?? 0);
  const place = Math.max(0, languages.indexOf(first ?? languages[0] ?? ""));
  const trial = all[place];
  const asked = trial?.wanted === "given" ? askedBy(trial.missing) : null;
  const toldAlready = outside.elsewhere.length;
  return (
    <div className="trial">
      <Card
        id="trial"
        title={word("flows.trial")}
        beside={
          <div className="buttons">
            <Button id="trial-back" isDisabled={!deeds.length} onPress={() => setDeeds(deeds.slice(0, -1))}>
              {word("flows.oneBack")}
            </Button>
            <Button id="trial-again" isDisabled={!deeds.length} onPress={() => setDeeds([])}>
              {word("flows.fromStart")}
            </Button>
          </div>
        }
      >
        <div className="row">
          {draft && (
            <Checkbox isSelected={isOfDraft} onChange={setOfDraft}>
              {word("flows.tryDraft")}
            </Checkbox>
          )}
          {languages.length > 1 && <Languages all={languages} now={place} onChange={setFirst} />}
        </div>
        <Failure of={trials.error} exact />
        {trials.isPending && <Empty>{word("loading")}</Empty>}
        {trial && (
          <div ref={turn} className="stack" tabIndex={-1}>
            <TrialSteps of={trial} others={all.filter((each) => each !== trial)} />
            {trial.wanted === "deed" && (
              <TrialQuestion
                key={trials.data?.deeds}
                of={trial.question ?? null}
                busy={busy}
                onDone={(deed) => setDeeds([...deeds, deed])}
              />
            )}
            <TrialEnd
              of={trial}
              busy={busy}
              onLeaves={(leaves) => setDeeds([...deeds, { leaves, clear: true }])}
              onTell={
                asked &&
                (() =>
                  setOutside({
                    ...outside,
                    elsewhere: [...outside.elsewhere, { ...asked, outcome: "answered", told: "" }],
                  }))
              }
            />
          </div>
        )}
      </Card>
      <OutsideForm key={toldAlready} now={outside} onChange={setOutside} />
    </div>
  );
}

/** Where the keys go on after each deed: what was pressed is gone with the question that it answered. */
function useTurn(deeds: number) {
  const place = useRef<HTMLDivElement>(null);
  const before = useRef(deeds);
  useEffect(() => {
    if (before.current !== deeds) place.current?.focus();
    before.current = deeds;
  }, [deeds]);
  return place;
}

function Languages({
  all,
  now,
  onChange,
}: {
  all: readonly string[];
  now: number;
  onChange(language: string): void;
}) {
  const { word, named } = useWords();
  return (
    <label className="field">
      <span>{word("flows.beginsIn")}</span>
      <select value={all[now]} onChange={(event) => onChange(event.target.value)}>
        {all.map((each) => (
          <option key={each} value={each}>
            {named("spoken", each)}
          </option>
        ))}
      </select>
    </label>
  );
}
