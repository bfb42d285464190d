// Earlier cases: search, and one of them in full.
import { get } from "./api.js";
import { card } from "./card.js";
import { recordings } from "./recording.js";
import { by, fill, h } from "./dom.js";
import { follow } from "./live.js";

async function search() {
  const found = await get(`/handoffs?q=${encodeURIComponent(by("q").value)}`);
  if (!found) return;
  by("found").textContent = found.length ? (found.length === 1 ? "1 case" : `${found.length} cases, the latest first`)
    : by("q").value ? "No case has these words." : "There are no cases yet.";
  fill(by("list"), found.map((one) => h("li", {}, h("button", { onclick: () => open(one.id) },
    h("span", { class: "top" }, h("span", {}, one.want || "not known"), h("span", { class: "soft" }, `#${one.id}`)),
    h("span", { class: "tags" }, h("span", {}, new Date(one.entered * 1000).toLocaleString()),
      h("span", { class: "tag" }, one.queue), h("span", {}, one.caller || "withheld"),
      h("span", { class: "tag" }, one.disposition || one.state), one.operator && h("span", {}, one.operator))))));
}

async function open(id) {
  const found = await get(`/handoffs/${id}`);
  if (!found) return;
  by("case-title").textContent = `Case ${id}`;
  fill(by("case"), card(found), h("h3", {}, "Recording"), ...(await recordings(id)).flat());
  by("case-title").scrollIntoView({ block: "nearest" });
}

by("search").addEventListener("submit", (event) => { event.preventDefault(); search(); });
by("q").focus();
search();
follow(() => {});
