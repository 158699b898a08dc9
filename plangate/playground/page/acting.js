const WHO = "query Who { viewer { kind scopes environment { name kind } customer { id name externalId } } }";
const CUSTOMERS = "query Customers { customers(first: 50) { edges { node { id name externalId } } } }";
const TOKEN = `mutation Token($input: CustomerTokenCreateInput!) {
  customerTokenCreate(input: $input) { __typename ... on CustomerTokenCreated { token expiresAt } ... on UserError { message } }
}`;
const EARLY = 30_000;

const role = () => new FormData(at("ask")).get("role");
const typed = () => at("key").value.trim();
let held = { key: "", customer: "", token: "", until: 0 };
let live = false;

const showEnvironment = (viewer) => {
  const environment = viewer && viewer.environment;
  live = Boolean(environment) && environment.kind === "LIVE";
  say("environment", environment ? `${environment.kind} · ${environment.name}` : "No environment", environment ? environment.kind : "none");
};

const nameOf = (customer) => customer.name || customer.externalId || customer.id;

/** Offers the customers that the key can see. */
const offerCustomers = async (key) => {
  const { answer } = await ask(CUSTOMERS, null, key);
  const edges = answer?.data?.customers?.edges ?? [];
  const options = edges.map(({ node }) => make("option", { value: node.id }, nameOf(node)));
  at("customer").replaceChildren(...(options.length ? options : [make("option", { value: "" }, "This key sees no customers")]));
  if (options.some((each) => each.value === facts.fill.customer)) at("customer").value = facts.fill.customer;
};

/** Asks who the credential is, and says so. */
const recognise = async () => {
  const key = role() === "nobody" ? "" : typed();
  at("key-field").hidden = role() === "nobody";
  at("customer-field").hidden = role() !== "customer";
  held = { key: "", customer: "", token: "", until: 0 };
  try {
    const { answer } = await ask(WHO, null, key);
    const known = answer?.data?.viewer;
    showEnvironment(known);
    if (!key) say("acting", role() === "nobody" ? "Only the public catalogue is open." : "Enter a key.");
    else if (!known) say("acting", answer?.errors?.[0]?.message ?? "This credential is not accepted here.", "bad");
    else if (role() === "customer" && known.kind !== "SECRET") say("acting", "A secret key is needed to make a customer's token.", "bad");
    else if (role() === "customer") await offerCustomers(key).then(sayCustomer);
    else say("acting", `${known.customer ? `Token of ${nameOf(known.customer)}` : `${known.kind} key`}: ${known.scopes.map((scope) => (scope === "*" ? "everything" : scope)).join(", ") || "the public catalogue"}.`, "good");
  } catch {
    say("acting", "The server could not be reached.", "bad");
  }
};

const sayCustomer = () => {
  const chosen = at("customer").selectedOptions[0];
  say("acting", chosen?.value ? `Operations are sent as ${chosen.textContent}.` : "Choose a customer.", chosen?.value ? "good" : "idle");
};

/** The credential of the chosen role; a customer's token is made when it is needed and renewed before it ends. */
const credential = async () => {
  if (role() === "nobody") return "";
  if (role() === "key") return typed();
  const customer = at("customer").value;
  if (!typed() || !customer) throw new Error("Enter a secret key and choose a customer.");
  const fresh = held.key === typed() && held.customer === customer && held.until - EARLY > Date.now();
  if (fresh) return held.token;
  const { answer } = await ask(TOKEN, { input: { customer: { id: customer } } }, typed());
  const made = answer?.data?.customerTokenCreate;
  if (!made?.token) throw new Error(made?.message ?? answer?.errors?.[0]?.message ?? "No token was made.");
  held = { key: typed(), customer, token: made.token, until: Date.parse(made.expiresAt) };
  return held.token;
};

const startActing = () => {
  all("[name=role]").forEach((each) => each.addEventListener("change", recognise));
  at("key").addEventListener("change", recognise);
  at("customer").addEventListener("change", sayCustomer);
  window.addEventListener("pagehide", () => {
    at("key").value = "";
    held = { key: "", customer: "", token: "", until: 0 };
  });
  recognise();
};
