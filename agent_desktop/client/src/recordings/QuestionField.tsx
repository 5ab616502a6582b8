import { useQuery } from "@tanstack/react-query";
import { api, got, type Schemas } from "../server/rest";
import { inLanguage, useWords } from "../words/words";

type Question = Schemas["Question"];
type Answer = Schemas["ReviewAnswerView"];

interface QuestionProps {
  question: Question;
  answer: Answer | null;
  onAnswer(answer: Answer): void;
  isDisabled: boolean;
}

/** One question of a scorecard: yes or no, or marks; with the kind of error where it has one. */
export function QuestionField({ question, answer, onAnswer, isDisabled }: QuestionProps) {
  const { word } = useWords();
  const scale = question.scale ?? { kind: "yes_no" as const };
  const values: Answer["value"][] =
    scale.kind === "yes_no" ? ["yes", "no"] : Array.from({ length: scale.best }, (_, mark) => mark + 1);
  if (question.may_not_apply) values.push("na");
  const named: Record<string, string> = { yes: word("yes"), no: word("no"), na: word("doesNotApply") };
  const fault =
    answer?.value === "no" ||
    (typeof answer?.value === "number" && scale.kind === "marks" && answer.value < scale.passes);
  return (
    <fieldset className="question" disabled={isDisabled}>
      <legend>
        {inLanguage(question.labels)}
        {question.critical && question.critical !== "no" && <span className="tag">{word("critical")}</span>}
      </legend>
      <div className="answers">
        {values.map((value) => (
          <label key={value} className="choice">
            <input
              type="radio"
              name={question.id}
              checked={answer?.value === value}
              onChange={() =>
                onAnswer({
                  question: question.id,
                  value,
                  error: null,
                  note: answer?.note ?? null,
                  marks: answer?.marks ?? [],
                })
              }
            />
            {named[value] ?? value}
          </label>
        ))}
      </div>
      {fault && answer && <ErrorKind question={question} answer={answer} onAnswer={onAnswer} />}
    </fieldset>
  );
}

function ErrorKind({
  question,
  answer,
  onAnswer,
}: Omit<QuestionProps, "isDisabled" | "answer"> & { answer: Answer }) {
  const { word } = useWords();
  const codes = useQuery({
    queryKey: ["error-codes"],
    queryFn: () => got(api.GET("/api/v1/quality/error-codes")),
  });
  const allowed = question.errors ?? [];
  const offered = (codes.data ?? []).filter(
    ({ id, parent_id, active }) =>
      active && (!allowed.length || allowed.includes(id) || allowed.includes(parent_id ?? "")),
  );
  if (!offered.length) return null;
  return (
    <label className="field">
      <span>{word("errorKind")}</span>
      <select
        value={answer.error ?? ""}
        onChange={(event) => onAnswer({ ...answer, error: event.target.value || null })}
      >
        <option value="">—</option>
        {offered.map(({ id, labels }) => (
          <option key={id} value={id}>
            {inLanguage(labels)}
          </option>
        ))}
      </select>
    </label>
  );
}
