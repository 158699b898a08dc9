const quoted = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The same request for another place; the credential stays here and is read from PLANGATE_KEY there. */
const AS = {
  curl: (address, body) => [
    `curl -s ${address}`,
    ...(role() === "nobody" ? [] : [`-H "Authorization: Bearer $PLANGATE_KEY"`]),
    `-H 'Content-Type: application/json'`,
    `-H 'Accept: application/graphql-response+json'`,
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(" \\\n  "),
  python: (address, body) => [
    "import json, os, urllib.request",
    "",
    `body = json.loads(${JSON.stringify(JSON.stringify(body))})`,
    `headers = {"Content-Type": "application/json"${role() === "nobody" ? "" : `, "Authorization": f"Bearer {os.environ['PLANGATE_KEY']}"`}}`,
    `request = urllib.request.Request(${JSON.stringify(address)}, json.dumps(body).encode(), headers)`,
    "print(json.dumps(json.load(urllib.request.urlopen(request)), indent=2))",
  ].join("\n"),
};

const copy = async (form) => {
  let variables;
  try {
    variables = readVariables();
  } catch (problem) {
    say("status", `Not copied. ${problem.message}`, "bad");
    return;
  }
  const text = AS[form](new URL(facts.path, document.baseURI).href, { query: at("query").value, variables });
  try {
    await navigator.clipboard.writeText(text);
    say("status", "Copied. The key is not in it: set PLANGATE_KEY where you run it.", "good");
  } catch {
    at("answer").replaceChildren(text);
    say("status", "The browser does not let this page copy: take it from the answer's place.");
    at("answer").focus();
  }
};
