// A clock that stands still. The package reads it as `Date.now()`, jose as `new Date()`: both go through `Date`.

const RealDate = globalThis.Date;
let frozenAt = null;

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0 && frozenAt !== null) super(frozenAt * 1000);
    else super(...parts);
  }

  static now() {
    return frozenAt === null ? RealDate.now() : frozenAt * 1000;
  }
};

/** Runs `action` while the clock shows `seconds` since the epoch; without `seconds`, while it runs as usual. */
export async function at(seconds, action) {
  frozenAt = seconds ?? null;
  try {
    return await action();
  } finally {
    frozenAt = null;
  }
}
