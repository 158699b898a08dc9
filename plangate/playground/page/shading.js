const GRAPHQL = /(?<comment>#.*)|(?<text>"""[^]*?"""|"(?:\\.|[^"\\\n])*")|(?<name>\$\w+)|(?<word>^(?:query|mutation|subscription|fragment)\b|\b(?:on|true|false|null)\b)|(?<number>-?\b\d[\d.eE+-]*)|(?<type>\b[A-Z]\w*)/gm;
const JSON_TOKENS = /(?<name>"(?:\\.|[^"\\\n])*"(?=\s*:))|(?<text>"(?:\\.|[^"\\\n])*")|(?<word>\b(?:true|false|null)\b)|(?<number>-?\b\d[\d.eE+-]*)|(?<comment>\{\{\w+\}\})/g;
const ADDRESS = /^"https?:\/\/[^"\\\s]+"$/;

/** The text cut into coloured pieces; an address becomes a link where `links` says so. */
const shaded = (text, tokens, links = false) => {
  const pieces = [];
  let reached = 0;
  for (const found of text.matchAll(tokens)) {
    const [kind] = Object.entries(found.groups).find(([, value]) => value !== undefined);
    pieces.push(text.slice(reached, found.index));
    pieces.push(links && kind === "text" && ADDRESS.test(found[0])
      ? make("a", { href: JSON.parse(found[0]), target: "_blank", rel: "noopener noreferrer", className: "s-text" }, found[0])
      : make("span", { className: `s-${kind}` }, found[0]));
    reached = found.index + found[0].length;
  }
  pieces.push(text.slice(reached));
  return pieces;
};

/** Colours lie beneath the field's own text, which keeps caret, selection and undo as the browser has them. */
const shade = (field, tokens) => {
  const beneath = field.previousElementSibling;
  const draw = () => beneath.replaceChildren(...shaded(field.value, tokens), "\n");
  field.addEventListener("input", draw);
  draw();
  return draw;
};
