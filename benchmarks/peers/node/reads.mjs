// The reads by better-sqlite3: the statements of ../statements.py, which come with the environment, prepared once.

import Database from "better-sqlite3";
import { hash } from "node:crypto";
import { About, decided } from "./deciding.mjs";

const LIVING = new Set(["ACTIVE", "TRIALING"]);

export class Refused extends Error {}

export class Caller {
  constructor(environment, scopes, now) {
    this.environment = environment;
    this.scopes = scopes;
    this.now = now;
  }

  demand(scope) {
    if (!this.scopes.has("*") && !this.scopes.has(scope)) throw new Refused(scope);
  }
}

export class Reads {
  constructor(file, statements) {
    this.db = new Database(file, { readonly: true });
    this.db.pragma("cache_size = -65536");
    this.db.pragma("mmap_size = 268435456");
    this.statements = statements;
    this.prepared = new Map();
  }

  run(name, lists, given) {
    const key = name + Object.values(lists).join();
    let statement = this.prepared.get(key);
    if (statement === undefined) {
      let sql = this.statements[name];
      for (const [list, size] of Object.entries(lists)) sql = sql.replaceAll(`{${list}}`, Array(size).fill("?").join());
      statement = this.db.prepare(sql).raw(true);
      this.prepared.set(key, statement);
    }
    return statement.all(...given);
  }

  caller(secret) {
    const [found] = this.run("KEY", {}, [hash("sha256", secret)]);
    if (!found || found[2] !== null) throw new Refused();
    return new Caller(found[0], new Set(JSON.parse(found[1])), found[3] ?? Date.now() * 1000);
  }

  customer(caller, name) {
    const [found] = this.run("CUSTOMER", {}, [caller.environment, name]);
    return found ? { id: found[0], externalId: found[1], name: found[2] } : null;
  }

  check(caller, name, feature) {
    const found = this.run("LIMITS", {}, [feature, caller.environment, name]);
    const about = aboutOf(found[0]);
    const customer = found[0][18];
    for (const row of found) if (row[17] !== null) about.give(...row.slice(7, 17));
    this.putBeside(new Map([[about.id, about]]), customer, caller.now);
    return decided(about, this.ledgerOf(customer));
  }

  subscriptions(customer) {
    return this.run("SUBSCRIPTIONS", {}, [customer]);
  }

  entitlements(caller, customer, items, features) {
    const living = items.filter((each) => each[4] === null && LIVING.has(each[1]));
    const versions = [...new Set(living.map((each) => each[8]))];
    const lists = { versions: versions.length, features: features.length };
    const byKey = new Map();
    for (const row of this.run("FEATURES", lists, [customer, ...versions, caller.environment, ...features])) {
      let about = byKey.get(row[1]);
      if (about === undefined) byKey.set(row[1], (about = aboutOf(row)));
      for (const each of living) {
        if (each[8] === row[11]) about.give(each[0], each[5], each[6], each[7], each[9], each[10], ...row.slice(7, 11));
      }
    }
    this.putBeside(new Map([...byKey.values()].map((each) => [each.id, each])), customer, caller.now);
    const ledger = this.ledgerOf(customer);
    return features.filter((key) => byKey.has(key)).map((key) => ({ featureKey: key, ...decided(byKey.get(key), ledger) }));
  }

  invoices(customer) {
    return this.run("INVOICES", {}, [customer]).map(([id, number, status]) => ({ id, number, status }));
  }

  plans(caller) {
    const plans = this.run("PLANS", {}, [caller.environment]).map(([id, key, name]) => ({ id, key, name }));
    const ids = plans.map((each) => each.id);
    const byId = new Map(plans.map((each) => [each.id, Object.assign(each, { prices: [], entitlements: [] })]));
    const lists = { versions: ids.length };
    for (const [id, key, currency] of this.run("PRICES", lists, ids)) byId.get(id).prices.push({ key, currency });
    for (const [id, granted, key] of this.run("GIVES", lists, ids)) {
      byId.get(id).entitlements.push({ granted: Boolean(granted), feature: { key } });
    }
    return plans;
  }

  putBeside(of, customer, now) {
    const ids = [...of.keys()];
    const given = [now, customer, ...ids, now, now, customer, ...ids, now, now, now, customer, ...ids, now];
    for (const [what, id, amount, hard] of this.run("BESIDE", { features: ids.length }, given)) {
      const about = of.get(id);
      if (what === "grant") about.left += Math.max(0, amount);
      else if (what === "reserved") about.reserved = amount;
      else about.override = { what, amount, hard: Boolean(hard) };
    }
  }

  ledgerOf(customer) {
    return (feature, since, until) => this.run("LEDGER", {}, [customer, feature, since, until])[0][0];
  }
}

export function held(items) {
  const byId = new Map();
  for (const [id, status, key, name] of items) byId.set(id, { id, status, plan: { key, name } });
  return [...byId.values()];
}

function aboutOf(row) {
  return new About(row[0], row[2], row[3], row[6] === null ? null : { since: row[4], until: row[5], used: row[6] });
}
