/** A database for stateful sessions. Records are copied, as they are by one that serialises them. */
export class Records {
  #byId;

  constructor(contents) {
    this.#byId = new Map(Object.entries(contents ?? {}));
  }

  async get(id) {
    return this.#byId.has(id) ? structuredClone(this.#byId.get(id)) : null;
  }

  async set(id, record) {
    // Not `structuredClone`: a session of the old package is an instance of a class.
    this.#byId.set(id, JSON.parse(JSON.stringify(record)));
  }

  async delete(id) {
    this.#byId.delete(id);
  }

  contents() {
    return Object.fromEntries(this.#byId);
  }
}
