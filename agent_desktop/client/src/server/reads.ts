/**
 * What pages of several kinds read. Each has one key, which no other answer is kept under; it begins with the
 * path of the administrator's page that changes it, and is read again when something is saved there.
 */

import { queryOptions } from "@tanstack/react-query";
import { api, got } from "./rest";

export const reads = {
  queues: queryOptions({ queryKey: ["queues", "named"], queryFn: () => got(api.GET("/api/v1/queues")) }),
  skills: queryOptions({ queryKey: ["skills", "plain"], queryFn: () => got(api.GET("/api/v1/skills")) }),
  teams: queryOptions({ queryKey: ["teams", "plain"], queryFn: () => got(api.GET("/api/v1/teams")) }),
  trunks: queryOptions({ queryKey: ["trunks", "plain"], queryFn: () => got(api.GET("/api/v1/trunks")) }),
  calendars: queryOptions({
    queryKey: ["calendars", "plain"],
    queryFn: () => got(api.GET("/api/v1/working-calendars")),
  }),
  forms: queryOptions({ queryKey: ["forms", "plain"], queryFn: () => got(api.GET("/api/v1/forms")) }),
  ticketTypes: queryOptions({
    queryKey: ["ticket-types", "plain"],
    queryFn: () => got(api.GET("/api/v1/ticket-types")),
  }),
  customerFields: queryOptions({
    queryKey: ["customer-fields", "plain"],
    queryFn: () => got(api.GET("/api/v1/customer-fields")),
  }),
};
