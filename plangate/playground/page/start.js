const redraws = [shade(at("query"), GRAPHQL), shade(at("variables"), JSON_TOKENS)];
const redraw = () => redraws.forEach((each) => each());

buttons.forEach((each, i) => each.addEventListener("click", () => showOperation(i, redraw)));
all("[data-copy]").forEach((each) => each.addEventListener("click", () => copy(each.dataset.copy)));
at("search").addEventListener("input", search);
at("ask").addEventListener("submit", (event) => { event.preventDefault(); run(); });
at("ask").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
});
if (facts.operations.length) showOperation(0, redraw);
openStart();
startActing();
