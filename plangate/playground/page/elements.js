const at = (id) => document.getElementById(id);
const all = (selector) => [...document.querySelectorAll(selector)];

/** An element with its properties and what is inside it; text stays text. */
const make = (name, properties = {}, ...inside) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...inside);
  return element;
};

/** Says how something went, in words and in a colour, where a screen reader hears it. */
const say = (id, text, kind = "idle") => {
  at(id).dataset.kind = kind;
  at(id).textContent = text;
};

/** What the server put into the page: where to ask, the operations, and which placeholder an id's prefix fills. */
const facts = JSON.parse(at("facts").dataset.facts);
