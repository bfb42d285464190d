// Everything that is known of one case.
import { clock, h } from "./dom.js";

const UNSURE = 0.6;
const LONGEST = 240;

// What is said again and again, as counting to the beat, needs no ten lines.
export const brief = (text) => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST / 2)} … ${text.slice(-20)}`);

export function card(found) {
  const facts = [
    ["Caller", found.caller || "number withheld"],
    ["Verified as", found.identity || "not verified"],
    found.mood && ["Mood", found.mood],
    found.call_back && ["Call back", found.call_back],
    ["Why a person", found.reason],
    ["Queue", `${found.queue}, priority ${found.priority}`],
    ["Entered", new Date(found.entered * 1000).toLocaleString()],
    ["On the line before", clock(found.waited_before)],
    ["Desk", found.desk],
    found.tried.length && ["Tried", found.tried.join("; ")],
    found.operator && ["Operator", found.operator],
    found.disposition && ["Came of it", found.disposition],
    found.notes && ["Notes", found.notes],
  ].filter(Boolean);
  return [
    h("p", { class: "want-big" }, found.want || "It is not known what they want."),
    h("dl", { class: "facts" }, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    found.slots.length > 0 && h("h3", {}, "Facts"),
    found.slots.length > 0 && h("dl", { class: "facts" }, found.slots.map((slot) => [
      h("dt", {}, slot.name.replaceAll("_", " ")),
      h("dd", {}, h("b", {}, slot.value.replaceAll("|", ", ") || "no answer"), " ",
        h("span", { class: "sure" }, slot.said ? `said “${slot.said}”, ${Math.round(slot.score * 100)} % sure`
          : slot.value && slot.score < 1 ? "nobody said so: assumed" : "")),
    ])),
    h("h3", {}, "What was said"),
    h("div", { class: "transcript", tabindex: 0, role: "region", "aria-label": "Transcript" },
      found.transcript.length ? found.transcript.map(turn) : h("p", { class: "soft" }, "Nothing.")),
    found.earlier.length > 0 && h("h3", {}, "Earlier from this number"),
    found.earlier.length > 0 && h("ul", {}, found.earlier.map((other) => h("li", {},
      `${new Date(other.entered * 1000).toLocaleDateString()}: ${other.want} (${other.disposition || other.state})`))),
    h("h3", {}, "Steps"),
    h("ul", { class: "steps soft" }, found.steps.map((step) => h("li", {},
      `${new Date(step.at * 1000).toLocaleTimeString()}  ${step.kind}${step.who ? `, ${step.who}` : ""}` +
      `${step.note ? ` (${step.note})` : ""}`))),
  ].filter(Boolean);
}

function turn(one) {
  const unsure = one.who === "caller" && one.confidence < UNSURE;
  return h("p", { class: one.who === "caller" ? "caller" : "" },
    h("span", { class: "who" }, one.who), h("span", { class: unsure ? "unsure" : "" }, brief(one.text) || "…"),
    one.who === "caller" && h("span", { class: "sure" }, `  ${Math.round(one.confidence * 100)} %`));
}
