// Requests to the server. What goes wrong is said to whoever sits here, in the server's words.
import { say } from "./dom.js";

async function request(path, options) {
  let response;
  try {
    response = await fetch(`/api/v1${path}`, options);
  } catch {
    say("The server cannot be reached.");
    return null;
  }
  if (response.status === 401) {
    location.assign("/console/login");
    return null;
  }
  const told = await response.json().catch(() => null);
  if (!response.ok) {
    const detail = told && told.detail;
    say(typeof detail === "string" ? detail : `That did not work (${response.status}).`);
    return null;
  }
  return told;
}

export const get = (path) => request(path, {});

export const post = (path, body) => request(path, {
  method: "POST",
  headers: { "Content-Type": "application/json", "X-CSRF-Token": document.body.dataset.csrf },
  body: JSON.stringify(body === undefined ? {} : body),
});
