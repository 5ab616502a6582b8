import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Button } from "../parts/Button";
import { Select } from "../parts/Fields";
import { api, got } from "../server/rest";
import { inLanguage, useWords, whyNot } from "../words/words";

/** Begin to review this recording by a scorecard. */
export function NewReview({ recording }: { recording: string }) {
  const { word } = useWords();
  const navigate = useNavigate();
  const [scorecard, setScorecard] = useState<string | null>(null);
  const scorecards = useQuery({
    queryKey: ["scorecards"],
    queryFn: () => got(api.GET("/api/v1/quality/scorecards")),
  });
  const begin = useMutation({
    mutationFn: (scorecard_id: string) =>
      got(api.POST("/api/v1/quality/reviews", { body: { recording_id: recording, scorecard_id } })),
    onSuccess: ({ id }) => navigate(`/recordings/reviews/${id}`),
  });
  const options = (scorecards.data ?? [])
    .filter(({ active }) => active)
    .map(({ id, labels }) => ({ id, label: inLanguage(labels) }));
  if (!options.length) return null;
  return (
    <div className="row">
      <Select label={word("scorecard")} options={options} value={scorecard} onChange={setScorecard} />
      <Button isDisabled={!scorecard || begin.isPending} onPress={() => scorecard && begin.mutate(scorecard)}>
        {word("reviewThis")}
      </Button>
      {begin.error && <p role="alert">{whyNot(begin.error)}</p>}
    </div>
  );
}
