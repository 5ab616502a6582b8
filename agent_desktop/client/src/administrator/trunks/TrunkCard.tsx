import { Card, Facts, type Kind, Pill } from "../../parts/Card";
import { moment } from "../../parts/time";
import type { Schemas } from "../../server/rest";
import { useWords } from "../../words/words";

type Trunk = Schemas["TrunkView"];

const KINDS: Record<Trunk["health"]["state"], Kind> = { up: "good", down: "bad", unknown: "plain" };

export function TrunkCard({ trunk }: { trunk: Trunk }) {
  const { word, named } = useWords();
  const { health, outbound } = trunk;
  return (
    <Card
      id={`trunk-${trunk.trunk}`}
      title={trunk.trunk}
      beside={
        <span>
          <Pill role="status" kind={KINDS[health.state]}>
            {named("trunk", health.state)}
          </Pill>{" "}
          {health.since && (
            <span className="muted">{word("trunks.since", { at: moment(health.since) })}</span>
          )}
        </span>
      }
    >
      <Facts
        facts={[
          ...useHealth(health),
          ...useLoad(trunk),
          ...useToday(trunk.today),
          [word("trunks.addresses"), trunk.addresses.join(", ")],
          [word("trunks.to"), outbound?.to],
          [word("trunks.callerId"), outbound?.caller_id],
        ]}
      />
    </Card>
  );
}

type Fact = readonly [string, string | number | null | undefined];

function useHealth(health: Trunk["health"]): Fact[] {
  const { word } = useWords();
  const { answers_options, status, answered_at, round_trip, asked, unanswered } = health;
  const options =
    answers_options === null
      ? word("trunks.optionsNone")
      : answers_options
        ? word("trunks.optionsAnswered", { status: status ?? "", at: moment(answered_at) })
        : word("trunks.optionsNot");
  const took = round_trip === null ? null : Math.round(round_trip * 10_000) / 10;
  const last = { status: health.failed_status ?? "", at: moment(health.failed_at) };
  return [
    [word("trunks.options"), asked || answers_options !== null ? options : null],
    [word("trunks.roundTrip"), took === null ? null : word("trunks.milliseconds", { number: took })],
    [word("trunks.unanswered"), asked ? word("trunks.of", { some: unanswered, all: asked }) : null],
    [word("trunks.failedCalls"), health.failed_calls],
    [word("trunks.lastFailure"), health.failed_at ? word("trunks.withStatus", last) : null],
  ];
}

function useLoad({ busy, lines, outbound }: Trunk): Fact[] {
  const { word } = useWords();
  const of = (some: number, all: number | null) =>
    all === null ? word("trunks.unbounded", { some }) : word("trunks.of", { some, all });
  return [
    [word("trunks.lines"), busy === null ? null : of(busy, lines)],
    [word("trunks.ofUs"), outbound && of(outbound.busy, outbound.channels)],
  ];
}

function useToday(today: Trunk["today"]): Fact[] {
  const { word, language } = useWords();
  if (!today) return [];
  const share = new Intl.NumberFormat(language, { style: "percent" });
  const { answer_seizure_ratio: asr } = today;
  return [
    [word("trunks.arrived"), today.arrived],
    [word("trunks.refused"), today.refused],
    [word("trunks.unavailable"), today.unavailable],
    [word("trunks.placed"), today.placed],
    [word("trunks.asr"), asr === null ? null : share.format(asr)],
    [word("trunks.peak"), today.peak],
  ];
}
