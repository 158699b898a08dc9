const buttons = all("[data-operation]");
const OPEN = /\{\{(\w+)\}\}/;
const ORDINARY = /^[a-z]{3}_[0-9a-z]{26}$/;
const seen = {};

/** A key that no other act has. */
const newKey = () => `playground-${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`;

/** What fills a place: a fresh key, the customer who is acted as, the demo's sample, or what an act made. */
const known = (name) => {
  if (name === "key") return newKey();
  if (name === "customer" && role() === "customer" && at("customer").value) return at("customer").value;
  return facts.fill[name] ?? seen[name];
};

/** Puts what is known into the places that an operation leaves open. */
const filled = (variables) =>
  variables.replaceAll(/\{\{(\w+)\}\}/g, (open, name) => known(name) ?? open);

/** Remembers the newest id of each kind that an act answered, for the operations that come next. */
const remember = (value) => {
  if (value === null || typeof value !== "object") return;
  for (const inner of Object.values(value)) {
    if (typeof inner === "string" && ORDINARY.test(inner) && facts.kinds[inner.slice(0, 3)]) seen[facts.kinds[inner.slice(0, 3)]] = inner;
    else remember(inner);
  }
};

const isMutation = (text) => /^\s*mutation\b/m.test(text.replaceAll(/#.*$/gm, ""));

const showOperation = (index, redraw) => {
  const chosen = facts.operations[index];
  at("title").textContent = chosen.title;
  at("sentence").textContent = chosen.sentence;
  at("needs").textContent = chosen.needs;
  at("query").value = chosen.document;
  at("variables").value = filled(chosen.variables);
  buttons.forEach((each, i) => (i === index ? each.setAttribute("aria-current", "true") : each.removeAttribute("aria-current")));
  redraw();
};

/** The variables that are written down; throws with what to do about them. */
const readVariables = () => {
  const text = at("variables").value;
  if (!text.trim()) return null;
  const open = text.match(OPEN);
  if (open) throw new Error(`Fill in ${open[0]} first: take it from an earlier answer.`);
  let value;
  try {
    value = JSON.parse(text);
  } catch (problem) {
    throw new Error(`The variables are not JSON: ${problem.message}`);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Error("Variables are a JSON object.");
  return value;
};
