// Elements are made here and nowhere else; text is always text, whoever said it.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "max") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const by = (id) => document.getElementById(id);

// Whether a key is meant for what has the focus. A dialog that was just closed may have it still, until the next
// picture is drawn, when what had it before is gone: keys that come meanwhile are for the page.
export function takesKeys(element) {
  const dialog = element.closest("dialog");
  return dialog ? dialog.open : element.closest("input, textarea, select") !== null;
}

export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
}

// Seconds as 1:05, or 2:03:00.
export function clock(seconds) {
  const s = Math.max(0, Math.floor(seconds)), m = Math.floor(s / 60), hours = Math.floor(m / 60);
  const two = (n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(m % 60)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

export const percent = (share) => (share === null ? "–" : `${Math.round(share * 100)} %`);

let saying = 0;

export function say(text) {
  const said = by("said");
  said.textContent = text;
  said.hidden = false;
  clearTimeout(saying);
  saying = setTimeout(() => { said.hidden = true; }, 6000);
}
