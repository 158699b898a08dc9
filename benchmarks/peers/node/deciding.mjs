// Deciding by hand, as ../deciding.py does.

const ALWAYS = 2 ** 52;

export class About {
  constructor(id, kind, scale, counted) {
    this.id = id;
    this.kind = kind;
    this.scale = scale;
    this.counted = counted;
    this.limits = new Map();
    this.left = 0;
    this.override = null;
    this.reserved = 0;
  }

  give(subscription, createdAt, start, end, addOn, quantity, limit, hard, reset, perQuantity) {
    const amount = limit !== null && (addOn || perQuantity) ? limit * quantity : limit;
    const known = this.limits.get(subscription);
    if (known) {
      known.amount = known.amount === null || amount === null ? null : known.amount + amount;
      return;
    }
    const [since, until] = reset === "SUBSCRIPTION_PERIOD" ? [start, end] : [null, null];
    this.limits.set(subscription, { amount, hard: Boolean(hard), since, until, createdAt, subscription });
  }

  largest() {
    let first = null;
    for (const each of this.limits.values()) if (first === null || before(each, first)) first = each;
    return first;
  }
}

function before(one, other) {
  if ((one.amount === null) !== (other.amount === null)) return one.amount === null;
  if (one.amount !== other.amount) return one.amount > other.amount;
  if (one.createdAt !== other.createdAt) return one.createdAt < other.createdAt;
  return one.subscription < other.subscription;
}

export function decided(about, ledger) {
  const { override } = about;
  if (about.kind !== "METERED") {
    const given = override ? override.what !== "revoked" : about.limits.size > 0 || about.left > 0;
    return { hasAccess: given, used: null, limit: null };
  }
  const largest = about.largest();
  const since = largest ? largest.since : null;
  const until = largest ? largest.until : null;
  const head = about.counted;
  const told = head !== null && head.since === since && head.until === until;
  const used = told ? head.used : ledger(about.id, since ?? -ALWAYS, until ?? ALWAYS);
  let [limited, limit, hard, left] = [false, null, true, about.left];
  if (override) [limited, limit, hard, left] = [override.what !== "revoked", override.amount, override.hard, 0];
  else if (largest) [limited, limit, hard] = [true, largest.amount, largest.hard];
  const room = limited && (limit === null || !hard || limit - used - about.reserved > 0);
  const said = limit === null || !limited ? null : written(limit, about.scale);
  return { hasAccess: left > 0 || room, used: written(used, about.scale), limit: said };
}

function written(amount, scale) {
  if (!scale) return String(amount);
  const size = 10 ** scale;
  const whole = Math.trunc(Math.abs(amount) / size);
  const rest = Math.abs(amount) % size;
  const decimals = rest ? String(rest).padStart(scale, "0").replace(/0+$/, "") : "";
  return `${amount < 0 ? "-" : ""}${whole}${decimals ? "." : ""}${decimals}`;
}
