import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "react-router";
import { Button } from "../parts/Button";
import { Card, Facts, Pill } from "../parts/Card";
import { TextField } from "../parts/Fields";
import { moment } from "../parts/time";
import { api, got, Refusal, type Schemas } from "../server/rest";
import { may, useSession } from "../session/session";
import { inLanguage, useWords, whyNot } from "../words/words";
import { Player } from "./Player";
import { QuestionField } from "./QuestionField";

type Review = Schemas["ReviewView"];
type Answers = ReadonlyMap<string, Schemas["ReviewAnswerView"]>;

/** A conversation judged by a scorecard, beside its sound. */
export function ReviewPage() {
  const { word } = useWords();
  const { id = "" } = useParams();
  const path = { review_id: id };
  const review = useQuery({
    queryKey: ["review", id],
    queryFn: () => got(api.GET("/api/v1/quality/reviews/{review_id}", { params: { path } })),
  });
  const one = review.data;
  const scorecard = useQuery({
    queryKey: ["scorecard", one?.scorecard_id, one?.scorecard_version],
    enabled: Boolean(one),
    queryFn: () => {
      const version = { scorecard_id: one!.scorecard_id, number: String(one!.scorecard_version) };
      return got(
        api.GET("/api/v1/quality/scorecards/{scorecard_id}/versions/{number}", { params: { path: version } }),
      );
    },
  });
  const failure = review.error ?? scorecard.error;
  if (!one || !scorecard.data) {
    // what is there stays: somebody types in it
    return failure ? <p role="alert">{whyNot(failure)}</p> : <p role="status">{word("loading")}</p>;
  }
  return (
    <>
      <h1>{`${word("review")} · ${one.agent_id}`}</h1>
      <div className="side-by-side">
        <Sheet key={one.id} review={one} scorecard={scorecard.data.definition} />
        <div className="stack">
          <Card title={word("recordingOne")}>
            <Player recording={one.recording_id} spans={[]} onMoved={() => {}} goTo={null} />
          </Card>
          <Outcome review={one} />
        </div>
      </div>
    </>
  );
}

function Sheet({ review, scorecard }: { review: Review; scorecard: Schemas["Scorecard"] }) {
  const { word } = useWords();
  const { account } = useSession();
  const kept = useQueryClient();
  const [answers, setAnswers] = useState<Answers>(new Map(review.answers.map((one) => [one.question, one])));
  const [comment, setComment] = useState(review.comment ?? "");
  const [version, setVersion] = useState(review.version); // what was typed is about this one
  const mine = review.state === "draft" && review.reviewer_id === account?.id;
  const path = { review_id: review.id };
  const save = useMutation({
    mutationFn: async (submit: boolean) => {
      const body = {
        version,
        answers: [...answers.values()],
        comment: comment.trim() || null,
      };
      const saved = await got(
        api.PUT("/api/v1/quality/reviews/{review_id}/answers", { params: { path }, body }),
      );
      setVersion(saved.version); // also where it can not be submitted yet
      if (!submit) return saved;
      const step = { version: saved.version };
      return got(api.POST("/api/v1/quality/reviews/{review_id}/submit", { params: { path }, body: step }));
    },
    onError: (error) => {
      if (error instanceof Refusal && error.problem === "EditConflict") void catchUp();
    },
    onSettled: () => kept.invalidateQueries({ queryKey: ["review", review.id] }),
  });
  /** Another page of the reviewer's was faster. What was typed here stays, and counts when it is saved again. */
  async function catchUp() {
    const now = await got(api.GET("/api/v1/quality/reviews/{review_id}", { params: { path } })).catch(
      () => null,
    );
    if (now) setVersion(now.version);
  }
  function answer(given: Schemas["ReviewAnswerView"]) {
    setAnswers(new Map(answers).set(given.question, given));
  }
  return (
    <Card title={word("scorecard")}>
      {scorecard.sections.map((section) => (
        <section key={section.id}>
          <h3>{inLanguage(section.labels)}</h3>
          {section.questions.map((question) => (
            <QuestionField
              key={question.id}
              question={question}
              answer={answers.get(question.id) ?? null}
              onAnswer={answer}
              isDisabled={!mine}
            />
          ))}
        </section>
      ))}
      <TextField
        label={word("comment")}
        lines={3}
        value={comment}
        onChange={setComment}
        isDisabled={!mine}
        maxLength={4000}
      />
      {save.error && <p role="alert">{whyNot(save.error)}</p>}
      {mine && (
        <div className="buttons">
          <Button
            id="submit-review"
            look="primary"
            isDisabled={save.isPending}
            onPress={() => save.mutate(true)}
          >
            {word("submitReview")}
          </Button>
          <Button isDisabled={save.isPending} onPress={() => save.mutate(false)}>
            {word("keepDraft")}
          </Button>
        </div>
      )}
    </Card>
  );
}

function Outcome({ review }: { review: Review }) {
  const { word, named } = useWords();
  const { account } = useSession();
  const kept = useQueryClient();
  const path = { review_id: review.id };
  const acknowledge = useMutation({
    mutationFn: () =>
      got(
        api.POST("/api/v1/quality/reviews/{review_id}/acknowledge", {
          params: { path },
          body: { version: review.version },
        }),
      ),
    onSettled: () => kept.invalidateQueries({ queryKey: ["review", review.id] }),
  });
  const own = review.agent_id === account?.id && may(account, "quality.own") && review.state === "submitted";
  return (
    <Card title={word("score")}>
      <Facts
        facts={[
          [word("channelState"), named("reviewState", review.state)],
          [word("score"), review.score],
          [word("reviewer"), review.reviewer_id],
          [word("due"), moment(review.due_at)],
        ]}
      />
      {review.passed !== null && (
        <Pill kind={review.passed ? "good" : "bad"}>{word(review.passed ? "passed" : "notPassed")}</Pill>
      )}
      {own && (
        <Button look="primary" onPress={() => acknowledge.mutate()}>
          {word("acknowledge")}
        </Button>
      )}
      {acknowledge.error && <p role="alert">{whyNot(acknowledge.error)}</p>}
    </Card>
  );
}
