/** The administrator's pages, in the order of their ways; each is read when it is wanted. */

import type { ComponentType } from "react";
import { type Account, may } from "../session/session";
import { page } from "../shell/page";
import type { Word } from "../words/words";

export interface AdministratorPage {
  /** Below /administrator; what follows it is the page's own. */
  path: string;
  name: Word;
  /** One of these is enough. */
  needs: readonly string[];
  Page: ComponentType;
}

export const PAGES: readonly AdministratorPage[] = [
  {
    path: "users",
    name: "users.title",
    needs: ["users.manage"],
    Page: page("users", () => import("./users/UsersPage")),
  },
  {
    path: "roles",
    name: "roles.title",
    needs: ["users.read", "keys.manage"],
    Page: page("roles", () => import("./roles/RolesPage")),
  },
  {
    path: "recording-rights",
    name: "rights.title",
    needs: ["users.manage"],
    Page: page("recording-rights", () => import("./roles/RecordingRightsPage")),
  },
  {
    path: "api-keys",
    name: "keys.title",
    needs: ["keys.manage"],
    Page: page("api-keys", () => import("./keys/KeysPage")),
  },
  {
    path: "teams",
    name: "teams.title",
    needs: ["routing.manage"],
    Page: page("teams", () => import("./teams/TeamsPage")),
  },
  {
    path: "skill-matrix",
    name: "matrix.title",
    needs: ["users.manage"],
    Page: page("skill-matrix", () => import("./matrix/SkillMatrixPage")),
  },
  {
    path: "skills",
    name: "skills.title",
    needs: ["routing.manage"],
    Page: page("skills", () => import("./skills/SkillsPage")),
  },
  {
    path: "forms",
    name: "forms.title",
    needs: ["forms.manage"],
    Page: page("forms", () => import("./forms/FormsPage")),
  },
  {
    path: "templates",
    name: "templates.title",
    needs: ["templates.manage"],
    Page: page("templates", () => import("./templates/TemplatesPage")),
  },
  {
    path: "codes",
    name: "codes.title",
    needs: ["forms.manage"],
    Page: page("codes", () => import("./codes/CodesPage")),
  },
  {
    path: "ticket-types",
    name: "ticketTypes.title",
    needs: ["tickets.types"],
    Page: page("ticket-types", () => import("./tickets/TypesPage")),
  },
  {
    path: "ticket-reasons",
    name: "reasons.title",
    needs: ["tickets.types"],
    Page: page("ticket-reasons", () => import("./tickets/ReasonsPage")),
  },
  {
    path: "customer-fields",
    name: "customerFields.title",
    needs: ["customers.schema"],
    Page: page("customer-fields", () => import("./customer_fields/CustomerFieldsPage")),
  },
  {
    path: "next-actions",
    name: "nextActions.title",
    needs: ["customers.schema"],
    Page: page("next-actions", () => import("./next_actions/NextActionsPage")),
  },
  {
    path: "flows",
    name: "flows.title",
    needs: ["routing.manage"],
    Page: page("flows", () => import("./flows/FlowsPage")),
  },
  {
    path: "prompts",
    name: "prompts.title",
    needs: ["routing.manage"],
    Page: page("prompts", () => import("./prompts/PromptsPage")),
  },
  {
    path: "alert-rules",
    name: "alertRules.title",
    needs: ["alerts.manage"],
    Page: page("alert-rules", () => import("./alert_rules/AlertRulesPage")),
  },
  {
    path: "audit",
    name: "audit.title",
    needs: ["audit.read"],
    Page: page("audit", () => import("./audit/AuditPage")),
  },
  {
    path: "system",
    name: "system.title",
    needs: ["system.read"],
    Page: page("system", () => import("./system/SystemPage")),
  },
  {
    path: "queues",
    name: "queues.title",
    needs: ["routing.manage"],
    Page: page("queues", () => import("./queues/QueuesPage")),
  },
  {
    path: "numbers",
    name: "numbers.title",
    needs: ["routing.manage"],
    Page: page("numbers", () => import("./numbers/NumbersPage")),
  },
  {
    path: "trunks",
    name: "trunks.title",
    needs: ["routing.manage"],
    Page: page("trunks", () => import("./trunks/TrunksPage")),
  },
  {
    path: "calendars",
    name: "calendars.title",
    needs: ["tickets.types"],
    Page: page("calendars", () => import("./calendars/CalendarsPage")),
  },
];

export function pagesFor(account: Account): AdministratorPage[] {
  return PAGES.filter(({ needs }) => needs.some((permission) => may(account, permission)));
}
