/** The codes of a queue, in their two levels, and the form that goes with one. */

import { useQuery } from "@tanstack/react-query";
import { api, got, type Schemas } from "../../server/rest";
import { inLanguage, useWords } from "../../words/words";

type Code = Schemas["DispositionCodeView"];

const SELDOM = 60_000; // ms for which codes and forms are taken as they were

export function useCodes(queue: string) {
  const params = { query: { queue } };
  const codes = useQuery({
    queryKey: ["disposition-codes", queue],
    staleTime: SELDOM,
    queryFn: () => got(api.GET("/api/v1/disposition-codes", { params })),
  });
  const forms = useQuery({
    queryKey: ["forms", queue],
    staleTime: SELDOM,
    queryFn: () => got(api.GET("/api/v1/forms", { params })),
  });
  const all = codes.data ?? [];
  return {
    active: all.filter((one) => one.active),
    error: codes.error ?? forms.error,
    labelOf: (code: string) =>
      inLanguage(all.find((one) => one.id === code)?.labels as Record<string, string>) || code,
    formOf(code: string) {
      const form = all.find((one) => one.id === code)?.form_id;
      return (form && forms.data?.find((one) => one.id === form)) || null;
    },
  };
}

interface CodesProps {
  codes: readonly Code[];
  code: string;
  onChange(code: string): void;
}

/** Codes below their groups; who has no group, or nothing below, stands for itself. */
export function Codes({ codes, code, onChange }: CodesProps) {
  const { word } = useWords();
  const inOrder = [...codes].sort((one, other) => one.position - other.position);
  const below = (group: string | null) => inOrder.filter((one) => one.parent_id === group);
  const option = (one: Code) => (
    <option key={one.id} value={one.id}>
      {inLanguage({ ...one.labels })}
    </option>
  );
  return (
    <label className="field">
      <span className="label">{`${word("outcome")} *`}</span>
      <select
        id="outcome-code"
        className="native"
        required
        value={code}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="">—</option>
        {below(null).map((one) => {
          const children = below(one.id);
          if (!children.length) return option(one);
          return (
            <optgroup key={one.id} label={inLanguage({ ...one.labels })}>
              {children.map(option)}
            </optgroup>
          );
        })}
      </select>
    </label>
  );
}
