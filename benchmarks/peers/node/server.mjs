// Mercurius with its JIT: `node server.mjs FILE PORT WAY`. `sqlite` reads in each request, `map` answers from Maps that
// were filled at the beginning.

import Fastify from "fastify";
import mercurius from "mercurius";
import { hash } from "node:crypto";
import { Caller, Reads, Refused, held } from "./reads.mjs";

const [file, port, way] = process.argv.slice(2);
const reads = new Reads(file, JSON.parse(process.env.PEERS_STATEMENTS));
const schema = `
  input CustomerRef { id: ID externalId: String }
  input SubscriptionFilter { customer: CustomerRef }
  input InvoiceFilter { customer: CustomerRef }
  type Customer { id: ID! externalId: String name: String }
  type Plan { key: String! name: String! prices: [Price!]! entitlements: [PlanEntitlement!]! }
  type Price { key: String! currency: String! }
  type PlanEntitlement { granted: Boolean! feature: Feature! }
  type Feature { key: String! }
  type Subscription { id: ID! status: String! plan: Plan! }
  type SubscriptionEdge { node: Subscription! }
  type SubscriptionConnection { edges: [SubscriptionEdge!]! }
  type Invoice { id: ID! number: String status: String! }
  type InvoiceEdge { node: Invoice! }
  type InvoiceConnection { edges: [InvoiceEdge!]! }
  type Entitlement { featureKey: String! hasAccess: Boolean! used: String limit: String }
  type NotFound { message: String! }
  union EntitlementAnswer = Entitlement | NotFound
  type Query {
    entitlement(customer: CustomerRef!, feature: String!): EntitlementAnswer!
    customer(ref: CustomerRef!): Customer
    subscriptions(filter: SubscriptionFilter, first: Int! = 20): SubscriptionConnection!
    entitlements(customer: CustomerRef!, features: [String!]): [Entitlement!]!
    invoices(filter: InvoiceFilter, first: Int! = 20): InvoiceConnection!
    plans: [Plan!]!
  }`;
const edges = (nodes) => ({ edges: nodes.map((node) => ({ node })) });

// One request's reads: the customer and its subscriptions are read once, whoever asks first.
class Read {
  constructor(caller) {
    this.caller = caller;
  }

  check(name, feature) {
    return reads.check(this.caller, name, feature);
  }

  customer(name) {
    return (this.found ??= reads.customer(this.caller, name));
  }

  items(name) {
    return (this.read ??= reads.subscriptions(this.customer(name).id));
  }

  subscriptions(name, first) {
    return held(this.items(name)).slice(0, first);
  }

  entitlements(name, features) {
    return reads.entitlements(this.caller, this.customer(name).id, this.items(name), features);
  }

  invoices(name) {
    return reads.invoices(this.customer(name).id);
  }

  plans() {
    return reads.plans(this.caller);
  }
}

class Held {
  constructor(caller, holders, plans) {
    this.caller = caller;
    this.holders = holders;
    this.sold = plans;
  }

  of(name) {
    return this.holders.get(`${this.caller.environment} ${name}`);
  }

  check(name, feature) {
    return this.of(name).decisions.get(feature);
  }

  customer(name) {
    return this.of(name).customer;
  }

  subscriptions(name, first) {
    return this.of(name).subscriptions.slice(0, first);
  }

  entitlements(name, features) {
    const { decisions } = this.of(name);
    return features.filter((key) => decisions.has(key)).map((key) => decisions.get(key));
  }

  invoices(name) {
    return this.of(name).invoices;
  }

  plans() {
    return this.sold.get(this.caller.environment);
  }
}

function secretOf(request) {
  return (request.headers.authorization ?? "").slice("Bearer ".length);
}

function reading() {
  return (request) => new Read(reads.caller(secretOf(request)));
}

function holding() {
  const callers = new Map();
  const holders = new Map();
  const plans = new Map();
  for (const [digest, environment, scopes] of all("SELECT digest, environment_id, scopes FROM api_key")) {
    callers.set(digest, { environment, scopes: new Set(JSON.parse(scopes)) });
  }
  const features = all("SELECT key FROM feature").map(([key]) => key);
  for (const { environment, scopes } of callers.values()) {
    const caller = new Caller(environment, scopes, Date.now() * 1000);
    plans.set(environment, reads.plans(caller));
    for (const [name] of all("SELECT external_id FROM customer WHERE environment_id = ?", environment)) {
      const read = new Read(caller);
      const decisions = new Map(read.entitlements(name, features).map((each) => [each.featureKey, each]));
      const shown = { subscriptions: read.subscriptions(name, 2), invoices: read.invoices(name) };
      holders.set(`${environment} ${name}`, { customer: read.customer(name), decisions, ...shown });
    }
  }
  return (request) => {
    const known = callers.get(hash("sha256", secretOf(request)));
    if (known === undefined) throw new Refused();
    return new Held(new Caller(known.environment, known.scopes, Date.now() * 1000), holders, plans);
  };
}

function all(sql, ...given) {
  return reads.db.prepare(sql).raw(true).all(...given);
}

const resolvers = {
  EntitlementAnswer: { resolveType: (value) => (value.message === undefined ? "Entitlement" : "NotFound") },
  Query: {
    entitlement(_, { customer, feature }, { read }) {
      read.caller.demand("entitlements:read");
      return read.check(customer.externalId, feature);
    },
    customer(_, { ref }, { read }) {
      read.caller.demand("customers:read");
      return read.customer(ref.externalId);
    },
    subscriptions(_, { filter, first }, { read }) {
      read.caller.demand("subscriptions:read");
      return edges(read.subscriptions(filter.customer.externalId, first));
    },
    entitlements(_, { customer, features }, { read }) {
      read.caller.demand("entitlements:read");
      return read.entitlements(customer.externalId, features);
    },
    invoices(_, { filter }, { read }) {
      read.caller.demand("invoices:read");
      return edges(read.invoices(filter.customer.externalId));
    },
    plans(_, __, { read }) {
      read.caller.demand("catalog:read");
      return read.plans();
    },
  },
};

const called = { sqlite: reading, map: holding }[way]();
const app = Fastify({ logger: false });
app.register(mercurius, { schema, resolvers, jit: 1, context: (request) => ({ read: called(request) }) });
await app.listen({ port: Number(port), host: "127.0.0.1" });
