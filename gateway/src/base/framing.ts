/** The bytes of a stream are not in the framing they should be in, or an event of it outgrew its bound. */
export class BadFraming extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BadFraming";
  }
}
