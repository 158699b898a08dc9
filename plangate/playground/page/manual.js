const manual = JSON.parse(at("manual").textContent);
const entries = new Map(manual.map((entry) => [entry.name, entry]));
const MOST = 40;
const trail = [];

const spoken = { OBJECT: "type", INPUT_OBJECT: "input", INTERFACE: "interface", UNION: "union", ENUM: "enum", SCALAR: "scalar" };

/** Everything that can be found: types, and their fields and values by `Type.name`. */
const findable = manual.flatMap((entry) => [
  { name: entry.name, own: entry.name.toLowerCase(), of: entry.name, description: entry.description },
  ...[...(entry.fields ?? []), ...(entry.values ?? [])].map((each) => (
    { name: `${entry.name}.${each.name}`, own: each.name.toLowerCase(), of: entry.name, field: each.name, description: each.description }
  )),
]);

const rank = (each, wanted) => {
  if (each.own === wanted) return 0;
  if (each.name.toLowerCase() === wanted) return 0;
  if (each.own.startsWith(wanted)) return 1;
  if (each.name.toLowerCase().includes(wanted)) return 2;
  return (each.description ?? "").toLowerCase().includes(wanted) ? 3 : 9;
};

const link = (name, text = name) => make("button", { type: "button", className: "type", onclick: () => openEntry(name) }, text);

/** A type as it is written, the named part of it a link. */
const typeLink = (type) => {
  const [name] = type.match(/\w+/);
  const [before, after] = type.split(name);
  return [before, entries.has(name) ? link(name) : name, after];
};

const argument = (each) => make("li", {},
  make("code", {}, each.name, ": ", ...typeLink(each.type), each.default === undefined ? "" : ` = ${each.default}`),
  each.description ? make("p", {}, each.description) : "");

const described = (each) => {
  const item = make("li", { id: `field-${each.name}` }, make("code", {}, make("b", {}, each.name), ...(each.type ? [": ", ...typeLink(each.type)] : [])));
  if (each.needs) item.append(make("p", { className: "note" }, each.needs));
  if (each.deprecated) item.append(make("p", { className: "old" }, `Deprecated: ${each.deprecated}`));
  if (each.description) item.append(make("p", {}, each.description));
  if (each.arguments?.length) item.append(make("ul", {}, ...each.arguments.map(argument)));
  return item;
};

const openEntry = (name, field = null, { back = false } = {}) => {
  const entry = entries.get(name);
  if (!back && !at("entry").hidden && at("entry").dataset.name) trail.push(at("entry").dataset.name);
  const title = make("h3", { id: "entry-title", tabIndex: -1 }, make("span", { className: "hint" }, `${spoken[entry.kind]} `), entry.name);
  const inside = [title];
  if (trail.length) inside.unshift(make("button", { type: "button", className: "quiet", onclick: () => openEntry(trail.pop(), null, { back: true }) }, `Back to ${trail.at(-1)}`));
  if (entry.description) inside.push(make("p", {}, entry.description));
  if (entry.members) inside.push(make("h4", {}, entry.kind === "UNION" ? "One of" : "Made as"), make("ul", { className: "names" }, ...entry.members.map((each) => make("li", {}, link(each)))));
  for (const [heading, each] of [["Fields", entry.fields], ["Values", entry.values]]) {
    if (each?.length) inside.push(make("h4", {}, heading), make("ul", { className: "fields" }, ...each.map(described)));
  }
  at("entry").replaceChildren(...inside);
  at("entry").dataset.name = name;
  at("entry").hidden = false;
  at("results").hidden = true;
  at("found").textContent = "";
  title.focus({ preventScroll: true });
  const mark = field && at(`field-${field}`);
  (mark || at("manual-title")).scrollIntoView({ block: "nearest" });
  if (mark) mark.classList.add("found");
};

const search = () => {
  const wanted = at("search").value.trim().toLowerCase();
  const hits = findable.map((each) => [rank(each, wanted), each]).filter(([how]) => wanted && how < 9);
  hits.sort(([a, x], [b, y]) => a - b || x.name.length - y.name.length || x.name.localeCompare(y.name));
  at("entry").hidden = Boolean(wanted);
  at("results").hidden = !wanted;
  trail.length = 0;
  at("found").textContent = !wanted ? "" : hits.length > MOST ? `The first ${MOST} of ${hits.length}.` : `${hits.length || "Nothing"} found.`;
  at("results").replaceChildren(...hits.slice(0, MOST).map(([, each]) => make("li", {},
    make("button", { type: "button", className: "type", onclick: () => openEntry(each.of, each.field) }, each.name),
    each.description ? make("p", {}, each.description) : "")));
  if (!wanted) openStart();
};

const openStart = () => {
  at("entry").replaceChildren(make("h3", { id: "entry-title", tabIndex: -1 }, "Where to begin"), make("ul", { className: "names" }, ...["Query", "Mutation"].map((name) => make("li", {}, link(name)))));
  at("entry").dataset.name = "";
  at("entry").hidden = false;
  trail.length = 0;
};
