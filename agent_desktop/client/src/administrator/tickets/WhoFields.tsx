/** Whom a rule means: the owner, a team in turn, whoever has a role, one agent. */

import { Select, TextField } from "../../parts/Fields";
import { OptionalSelect } from "../../parts/OptionalSelect";
import { useWords } from "../../words/words";
import { useUserChoices } from "../users/options";
import type { Who } from "./type_design";

interface WhoFieldsProps {
  label: string;
  name: string;
  who: Who;
  onChange(who: Who): void;
}

const RULES: readonly Who["rule"][] = ["owner", "team", "role", "agent"];

export function WhoFields({ label, name, who, onChange }: WhoFieldsProps) {
  const { named } = useWords();
  return (
    <>
      <Select
        id={name}
        label={label}
        options={RULES.map((id) => ({ id, label: named("whoRule", id) }))}
        value={who.rule}
        onChange={(rule) => onChange(ofRule(rule as Who["rule"]))}
      />
      <Which who={who} onChange={onChange} />
    </>
  );
}

interface OptionalWhoProps extends Omit<WhoFieldsProps, "who" | "onChange"> {
  who: Who | null;
  onChange(who: Who | null): void;
  /** What it means that nobody is. */
  none: string;
}

export function OptionalWhoFields({ label, name, none, who, onChange }: OptionalWhoProps) {
  const { named } = useWords();
  return (
    <>
      <OptionalSelect
        id={name}
        label={label}
        none={none}
        options={RULES.map((id) => ({ id, label: named("whoRule", id) }))}
        value={who?.rule ?? null}
        onChange={(rule) => onChange(rule === null ? null : ofRule(rule as Who["rule"]))}
      />
      {who && <Which who={who} onChange={onChange} />}
    </>
  );
}

function Which({ who, onChange }: { who: Who; onChange(who: Who): void }) {
  const { word } = useWords();
  const { roles, teams } = useUserChoices();
  switch (who.rule) {
    case "owner":
      return null;
    case "team":
      return (
        <OptionalSelect
          label={word("ticketTypes.team")}
          none={word("ticketTypes.ownTeam")}
          options={teams}
          value={who.team ?? null}
          onChange={(team) => onChange({ rule: "team", team })}
        />
      );
    case "role":
      return (
        <Select
          label={word("ticketTypes.role")}
          options={roles}
          value={who.role}
          onChange={(role) => onChange({ rule: "role", role })}
        />
      );
    case "agent":
      return (
        <TextField
          name="agent"
          label={word("ticketTypes.agent")}
          value={who.agent}
          onChange={(agent) => onChange({ rule: "agent", agent })}
          isRequired
          maxLength={64}
        />
      );
  }
}

function ofRule(rule: Who["rule"]): Who {
  switch (rule) {
    case "owner":
      return { rule };
    case "team":
      return { rule, team: null };
    case "role":
      return { rule, role: "supervisor" };
    case "agent":
      return { rule, agent: "" };
  }
}
