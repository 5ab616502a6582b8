/** What can be looked up and read to the customer at hand, and what was found for them. */

import { api, got, type Schemas } from "../server/rest";

export type Query = Schemas["OfferedQuery"];
export type Found = Schemas["QueryResult"];
export type Parameters = NonNullable<Schemas["QueryRun"]["parameters"]>;

export class Queries {
  offered: Query[] = [];
  found: Found | null = null;
  #contact: string | null = null;

  /** Those that may be asked for the contact at hand. */
  async list(contact: string): Promise<void> {
    this.offered = await got(api.GET("/api/v1/queries", { params: { query: { contact_id: contact } } }));
  }

  async run(query: string, parameters: Parameters, contact: string): Promise<void> {
    const body = { contact_id: contact, parameters };
    this.found = await got(
      api.POST("/api/v1/queries/{query_id}/run", { params: { path: { query_id: query } }, body }),
    );
    this.#contact = contact;
  }

  /** Nobody hears what was looked up for somebody else. */
  foundFor(contact: string | undefined): Found | null {
    return contact && contact === this.#contact ? this.found : null;
  }
}
