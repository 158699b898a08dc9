const ACCEPT = "application/graphql-response+json, application/json;q=0.9";

/** Sends one operation and answers what came back with what it took; throws where nobody answered. */
const ask = async (query, variables, credential) => {
  const headers = { "Content-Type": "application/json", Accept: ACCEPT };
  if (credential) headers.Authorization = `Bearer ${credential}`;
  const began = performance.now();
  const response = await fetch(facts.path, {
    method: "POST", headers, body: JSON.stringify({ query, variables }), credentials: "omit", cache: "no-store",
  });
  const text = await response.text();
  const took = performance.now() - began;
  let answer = null;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = null;
  }
  return { status: response.status, ok: response.ok, id: response.headers.get("x-request-id"), took, text, answer };
};
