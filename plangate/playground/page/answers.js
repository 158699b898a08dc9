let running = false;

const figure = (name, value) => [make("dt", {}, name), make("dd", {}, value)];

/** Shows what came back: the answer, and what it cost. */
const showAnswer = ({ status, ok, id, took, text, answer }) => {
  const errors = answer?.errors ?? [];
  const refused = Object.values(answer?.data ?? {}).find((each) => each && typeof each.code === "string" && typeof each.message === "string");
  const cost = answer?.extensions?.cost;
  at("answer").replaceChildren(...(answer === null ? [text] : shaded(JSON.stringify(answer, null, 2), JSON_TOKENS, true)));
  at("figures").replaceChildren(
    ...figure("Status", String(status)),
    ...figure("Time", `${took < 10 ? took.toFixed(1) : Math.round(took)} ms`),
    ...(cost ? figure("Cost", `${cost.requested} of ${cost.limit}`) : []),
    ...figure("Size", `${new Blob([text]).size.toLocaleString("en")} bytes`),
    ...(id ? figure("Request", id) : []),
  );
  if (errors.length) say("status", `${errors.length === 1 ? "An error" : `${errors.length} errors`}: ${errors[0].message}`, "bad");
  else if (refused) say("status", `Refused, ${refused.code}: ${refused.message}`, "bad");
  else say("status", ok ? "Answered." : "Not answered as asked.", ok ? "good" : "bad");
};

const run = async () => {
  if (running) return;
  let variables;
  try {
    variables = readVariables();
  } catch (problem) {
    say("status", `Not sent. ${problem.message}`, "bad");
    at("variables").focus();
    return;
  }
  const query = at("query").value;
  if (live && isMutation(query) && !window.confirm("This environment is LIVE. Run the mutation?")) return;
  running = true;
  at("run").setAttribute("aria-disabled", "true");
  say("status", "Asking…");
  at("figures").replaceChildren();
  try {
    const answered = await ask(query, variables, await credential());
    showAnswer(answered);
    if (isMutation(query)) remember(answered.answer?.data ?? null);
  } catch (problem) {
    at("answer").replaceChildren();
    say("status", problem instanceof TypeError ? "No answer: the server could not be reached." : `Not sent. ${problem.message}`, "bad");
  } finally {
    running = false;
    at("run").removeAttribute("aria-disabled");
  }
};
