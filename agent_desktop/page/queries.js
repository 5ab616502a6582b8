/** What can be looked up and read to the customer at hand, and what was found for them. */

export class Queries {
  constructor(rest) {
    this.rest = rest;
    this.offered = [];
    this.found = null;
    this.contact = null;
  }

  /** Those that say something to customers. */
  async list(contact) {
    const offered = await this.rest.ask("GET", `queries?contact_id=${encodeURIComponent(contact)}`);
    this.offered = offered.filter((query) => query.spoken.length);
  }

  async run(query, parameters, contact) {
    const body = { contact_id: contact, parameters };
    this.found = await this.rest.ask("POST", `queries/${encodeURIComponent(query)}/run`, body);
    this.contact = contact;
  }

  /** Nobody hears what was looked up for somebody else. */
  foundFor(contact) {
    return contact && contact === this.contact ? this.found : null;
  }
}
