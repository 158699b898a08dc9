"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const { path, operations } = JSON.parse(at("facts").dataset.facts);
  const buttons = [...document.querySelectorAll("[data-operation]")];

  const show = (index) => {
    const chosen = operations[index];
    at("title").textContent = chosen.title;
    at("sentence").textContent = chosen.sentence;
    at("query").value = chosen.document;
    at("variables").value = chosen.variables;
    buttons.forEach((each, i) => (i === index ? each.setAttribute("aria-current", "true") : each.removeAttribute("aria-current")));
  };

  const say = (kind, text) => {
    at("status").dataset.kind = kind;
    at("status").textContent = text;
  };

  const read = (text) => {
    if (!text.trim()) return null;
    const open = text.match(/\{\{(\w+)\}\}/);
    if (open) throw new Error(`Fill in ${open[0]} first: take it from an earlier answer.`);
    const value = JSON.parse(text);
    if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Error("Variables are a JSON object.");
    return value;
  };

  let running = false;
  const run = async () => {
    if (running) return;
    let variables;
    try {
      variables = read(at("variables").value);
    } catch (problem) {
      say("bad", `Not sent. ${problem.message}`);
      at("variables").focus();
      return;
    }
    const headers = { "Content-Type": "application/json", Accept: "application/graphql-response+json, application/json;q=0.9" };
    const key = at("key").value.trim();
    if (key) headers.Authorization = `Bearer ${key}`;
    running = true;
    at("run").setAttribute("aria-disabled", "true");
    say("idle", "Asking…");
    const began = performance.now();
    try {
      const response = await fetch(path, {
        method: "POST", headers, body: JSON.stringify({ query: at("query").value, variables }), credentials: "omit", cache: "no-store",
      });
      const text = await response.text();
      const took = Math.round(performance.now() - began);
      let errors = 0;
      try {
        const answer = JSON.parse(text);
        errors = (answer.errors || []).length;
        at("answer").textContent = JSON.stringify(answer, null, 2);
      } catch {
        at("answer").textContent = text;
      }
      const told = errors ? `, ${errors} ${errors === 1 ? "error" : "errors"}` : "";
      say(response.ok && !errors ? "good" : "bad", `Status ${response.status} in ${took} ms${told}`);
    } catch {
      at("answer").textContent = "";
      say("bad", "No answer: the server could not be reached.");
    } finally {
      running = false;
      at("run").removeAttribute("aria-disabled");
    }
  };

  buttons.forEach((each, i) => each.addEventListener("click", () => show(i)));
  at("ask").addEventListener("submit", (event) => { event.preventDefault(); run(); });
  at("ask").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
  });
  window.addEventListener("pagehide", () => { at("key").value = ""; });
  if (operations.length) show(0);
})();
