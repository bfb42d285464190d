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

// Children by what they show: those that stay as they are are not touched, so that nothing is made anew under
// somebody's finger. `wanted` are pairs of a text that is another one where the child would look otherwise, and how
// to make the child.
export function keep(element, wanted) {
  const keys = new Set(wanted.map(([key]) => key));
  for (const child of [...element.children]) if (!keys.has(child.dataset.shows)) child.remove();
  const there = new Map([...element.children].map((child) => [child.dataset.shows, child]));
  let place = element.firstElementChild;
  for (const [key, make] of wanted) {
    const child = there.get(key) ?? make();
    child.dataset.shows = key;
    if (child === place) place = place.nextElementSibling;
    else element.insertBefore(child, place);
  }
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
