/** The container tests cannot run here; the message says what is missing and what to do, for people. */
export class EngineMissing extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'EngineMissing';
  }
}
