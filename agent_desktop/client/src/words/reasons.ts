/** What reasons are called: the centre's own words, which the server has in both languages. */

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, got, type Schemas } from "../server/rest";
import { addWords, type Language } from "./words";

type Reasons = Schemas["Reasons"];

const SELDOM = 300_000; // ms: they change with the server's configuration alone

export const useReasons = (enabled = true) =>
  useQuery({
    queryKey: ["reasons"],
    queryFn: () => got(api.GET("/api/v1/reasons")),
    staleTime: SELDOM,
    enabled,
  });

/** Has every page say them. */
export function useReasonWords(enabled: boolean): void {
  const { data } = useReasons(enabled);
  useEffect(() => {
    if (data) addWords(wordsOf(data));
  }, [data]);
}

export function wordsOf({ not_ready, mask }: Reasons): Record<Language, Record<string, string>> {
  const called = (language: Language) =>
    Object.fromEntries([
      ...not_ready.map(({ id, labels }) => [`reason.${id}`, labels[language] ?? id]),
      ...mask.map(({ id, labels }) => [`maskReason.${id}`, labels[language] ?? id]),
    ]);
  return { zh: called("zh"), en: called("en") };
}
