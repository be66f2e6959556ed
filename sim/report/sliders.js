// The page: controls, cards with effects, and its state in the address. Words and numbers come from the data.

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const WIDE = 360, HIGH = 150, LEFT = 44, RIGHT = 8, TOP = 8, BOTTOM = 22; // of a curve, in its own units
const STEPS = 32, PARTS = 200, PAUSE = 500; // of a curve, of a slider; milliseconds until numbers are spoken
const MOST = 6; // decimals

const rules = Object.fromEntries(
  data.rules.map((rule) => [rule.name, { ...rule, surfaces: rule.surfaces.map((each) => conditioned(each, rule.points)) }]),
);
let state;

// words and numbers

const said = (row) => row[state.lang] || row.en;
const say = (key, values = {}) => said(data.words[key]).replace(/\{(\w+)\}/g, (_, name) => values[name]);

function decimal(value, digits, signed = false) {
  const shown = Number(value.toFixed(digits)) + 0;
  const sign = shown < 0 ? "−" : signed && shown > 0 ? "+" : "";
  return sign + Math.abs(shown).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const spaced = (number, unit) => (unit ? number + (unit === "%" && state.lang === "zh" ? "" : " ") + unit : number);
const bare = (surface, value, digits = surface.digits) => decimal(value * surface.factor, digits, true);
const level = (surface, value) => spaced(decimal(value * surface.factor, surface.digits), said(surface.levelUnit));

// the end next to zero of an interval that excludes zero is not written as zero
function ends(surface, low, high) {
  const near = surface.factor * Math.max(low, -high); // above zero if the interval excludes it
  let digits = surface.digits;
  while (digits < MOST && near > 0 && Number(near.toFixed(digits)) === 0) digits += 1;
  return { low: bare(surface, low, digits), high: bare(surface, high, digits) };
}

// in per cent, of which 0 is none and 100 is all
function percent(share) {
  if (share === null) return "–";
  const value = share > 0 && share < 0.01 ? "<1" : share > 0.99 && share < 1 ? ">99" : decimal(100 * share, 0);
  return say("percent", { value });
}

// four digits, and all of them before the point
const plain = (value) => String(Math.abs(value) >= 1e4 ? Math.round(value) : Number(value.toPrecision(4)));

function reading(axis, value) {
  if (axis.clock) {
    const minutes = Math.round(value * 60);
    return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  }
  return spaced(plain(value), said(axis.unit));
}

// the state: values of the axes, rule, axis of the curves, language

const unitOf = (axis, value) =>
  axis.log
    ? (Math.log(value) - Math.log(axis.low)) / (Math.log(axis.high) - Math.log(axis.low))
    : (value - axis.low) / (axis.high - axis.low);

const rounded = (axis, value) => (axis.whole ? Math.round(value) : Number(value.toPrecision(6)));
const valueAt = (axis, unit) =>
  rounded(axis, axis.log ? axis.low * (axis.high / axis.low) ** unit : axis.low + unit * (axis.high - axis.low));

// ends and step of a slider: round values, or equal ratios
function track(axis) {
  if (axis.log) return { min: 0, max: PARTS, step: 1 };
  const step = axis.whole ? 1 : axis.clock ? 1 / 12 : round((axis.high - axis.low) / PARTS);
  return { min: axis.low, max: axis.high, step };
}

const starting = () => data.axes.map((axis) => axis.start);
const allowed = (axis, value) => Number.isFinite(value) && (!axis.log || value > 0);

function read() {
  const given = new URLSearchParams(location.hash.slice(1));
  state = { values: starting(), rule: data.rules[0].name, along: 0, lang: data.language };
  data.axes.forEach((axis, k) => {
    const value = given.has(axis.column) ? Number(given.get(axis.column)) : NaN;
    if (given.get(axis.column) !== "" && allowed(axis, value)) state.values[k] = rounded(axis, value);
  });
  if (Object.hasOwn(rules, given.get("rule"))) state.rule = given.get("rule");
  if (["en", "zh"].includes(given.get("lang"))) state.lang = given.get("lang");
  state.along = Math.max(data.axes.findIndex((axis) => axis.column === given.get("along")), 0);
}

function write() {
  const found = new URLSearchParams();
  data.axes.forEach((axis, k) => found.set(axis.column, state.values[k]));
  found.set("along", data.axes[state.along].column);
  if (data.rules.length > 1) found.set("rule", state.rule);
  found.set("lang", state.lang);
  history.replaceState(null, "", `#${found}`);
}

// elements; text is never parsed as HTML

function element(tag, attributes = {}, ...children) {
  const found = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => found.setAttribute(name, value));
  found.append(...children);
  return found;
}

function control(axis, k) {
  const slider = element("input", { type: "range", id: `slide-${k}`, ...track(axis) });
  const typed = element("input", { type: "number", id: `type-${k}`, step: "any", "aria-label": say("typed", { label: said(axis.label) }) });
  slider.addEventListener("input", () => moved(k, axis.log ? valueAt(axis, slider.value / PARTS) : rounded(axis, Number(slider.value))));
  typed.addEventListener("input", () => {
    const value = typed.value === "" ? NaN : Number(typed.value);
    if (allowed(axis, value)) moved(k, value, typed);
  });
  typed.addEventListener("change", () => update());
  return element("div", { class: "control", id: `control-${k}` },
    element("label", { for: slider.id }, said(axis.label)),
    element("div", { class: "value" }, typed, element("span", { id: `unit-${k}` }, said(axis.unit))),
    slider,
    element("div", { class: "reads", "aria-hidden": "true" },
      element("span", {}, number(axis, axis.low)), element("strong", { id: `reads-${k}` }), element("span", {}, number(axis, axis.high))));
}

function build() {
  document.documentElement.lang = state.lang === "zh" ? "zh-Hans" : "en";
  document.title = said(data.title);
  $("title").textContent = said(data.title);
  $("lead").textContent = say("lead", data.about);
  const other = state.lang === "en" ? "zh" : "en";
  $("language").textContent = { en: "English", zh: "中文" }[other];
  $("language").lang = other;
  $("along-label").textContent = say("along");
  $("along").replaceChildren(...data.axes.map((axis, k) => element("option", { value: k }, said(axis.label))));
  const groups = [["lever", say("rule")], ["assumption", say("assumed")]].map(([kind, legend]) => {
    const mine = data.axes.map((axis, k) => (axis.lever === (kind === "lever") ? control(axis, k) : null)).filter(Boolean);
    return mine.length ? element("fieldset", {}, element("legend", {}, legend), ...mine) : null;
  });
  if (data.rules.length > 1) groups.unshift(chooser());
  const reset = element("button", { type: "button", id: "reset" }, say("reset"));
  reset.addEventListener("click", () => { state.values = starting(); update(); });
  $("controls").replaceChildren(...groups.filter(Boolean), element("p", { class: "buttons" }, reset), element("p", { id: "brief", "aria-hidden": "true" }));
  $("effects").textContent = say("effects");
  $("results").replaceChildren(...rules[state.rule].surfaces.map(card));
  about();
}

function chooser() {
  const options = data.rules.map((rule) => element("option", { value: rule.name }, said(rule.title)));
  const choice = element("select", { id: "rules" }, ...options);
  choice.value = state.rule;
  choice.addEventListener("change", () => { state.rule = choice.value; build(); update(); $("rules").focus(); });
  return element("p", {}, element("label", { for: "rules" }, say("scenario")), " ", choice);
}

function card(surface) {
  return element("section", { class: "card", id: `card-${surface.outcome}`, "aria-labelledby": `name-${surface.outcome}` },
    element("h3", { id: `name-${surface.outcome}` }, said(surface.label)),
    element("p", { class: "effect" }), element("p", { class: "interval" }),
    element("p", {}, say("today", { value: level(surface, surface.reference) })),
    element("div", { class: "chart" }));
}

// what follows from the state

function moved(k, value, typing = null) {
  state.values[k] = rounded(data.axes[k], value);
  state.along = k;
  update(typing);
}

function update(typing = null) {
  data.axes.forEach((axis, k) => {
    const value = state.values[k], unit = unitOf(axis, value), said_ = reading(axis, value);
    const slider = $(`slide-${k}`), typed = $(`type-${k}`);
    slider.value = axis.log ? PARTS * unit : value;
    slider.setAttribute("aria-valuetext", said_);
    if (typed !== typing) typed.value = Number(value.toPrecision(6));
    $(`reads-${k}`).textContent = said_;
    $(`control-${k}`).classList.toggle("outside", beyond(unit));
  });
  $("along").value = state.along;
  const unit = data.axes.map((axis, k) => unitOf(axis, state.values[k]));
  const guess = warned(unit);
  rules[state.rule].surfaces.forEach((surface) => show(surface, unit, guess));
  const found = [...document.querySelectorAll(".card")].map((each) => [each.querySelector("h3").textContent, each.querySelector(".effect").firstChild.textContent]);
  $("brief").replaceChildren(...found.map(([name, effect]) => element("span", {}, name, element("strong", {}, effect))));
  write();
  clearTimeout(update.timer);
  update.timer = setTimeout(() => {
    $("spoken").textContent = found.map((each) => each.join(" ")).join("; ");
  }, PAUSE);
}

const beyond = (unit) => unit < -1e-9 || unit > 1 + 1e-9;
const distance = (here, there) => Math.sqrt(here.reduce((sum, value, k) => sum + (value - there[k]) ** 2, 0));

function warned(unit) {
  const lines = [];
  const out = data.axes.flatMap((axis, k) =>
    beyond(unit[k])
      ? [say("outside_axis", { label: said(axis.label), value: reading(axis, state.values[k]), low: reading(axis, axis.low), high: reading(axis, axis.high) })]
      : []);
  const rule = rules[state.rule];
  if (out.length) lines.push(say("outside", { axes: out.join(say("and")) }));
  else if (Math.min(...rule.points.map((point) => distance(unit, point))) > rule.far) lines.push(say("far"));
  const text = lines.join("\n");
  if ($("warning").textContent !== text) $("warning").replaceChildren(...lines.map((line) => element("p", {}, line)));
  return lines.length > 0;
}

function verdict(surface, low, high) {
  if (!surface.process) return ["none", ""];
  if (low <= 0 && high >= 0) return ["unclear", ""];
  const way = low > 0 ? 1 : -1;
  if (!surface.direction) return [way > 0 ? "higher" : "lower", ""];
  return way === surface.direction ? ["better", "better"] : ["worse", "worse"];
}

function show(surface, unit, guess) {
  const { mean, spread } = predicted(surface, unit);
  const [half, most] = data.quantiles.map((quantile) => quantile * spread);
  const here = $(`card-${surface.outcome}`);
  here.dataset.mean = mean;
  here.dataset.spread = spread;
  here.classList.toggle("guess", guess);
  const [word, look] = verdict(surface, mean - most, mean + most);
  here.querySelector(".effect").replaceChildren(
    spaced(bare(surface, mean), said(surface.unit)), element("small", { class: look }, guess ? say("guess") : say(word)));
  const [inner, outer] = [half, most].map((width) => ends(surface, mean - width, mean + width));
  here.querySelector(".interval").textContent = `${say("inner", inner)} ${say("outer", outer)}`.replace("。 ", "。");
  here.querySelector(".chart").innerHTML = chart(surface, unit, mean, half, most); // numbers only
  here.querySelector("svg").setAttribute("aria-label", say("chart", {
    outcome: said(surface.label), axis: said(data.axes[state.along].label), ...shape(surface, unit),
    effect: spaced(bare(surface, mean), said(surface.unit)), interval: say("outer", outer),
  }));
}

function shape(surface, unit) {
  const ends = [0, 1].map((end) => predicted(surface, unit.map((value, k) => (k === state.along ? end : value))).mean);
  const axis = data.axes[state.along];
  return { low: reading(axis, axis.low), high: reading(axis, axis.high), first: bare(surface, ends[0]), last: bare(surface, ends[1]) };
}

// a curve: effect along an axis, with its bands, and the interval at the present value

function round(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((each) => each * power >= rough * (1 - 1e-9));
}

function ticks(low, high, count) {
  const step = round((high - low) / count);
  const found = [];
  for (let n = Math.ceil(low / step); n * step <= high; n += 1) found.push(n * step);
  return [found, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))];
}

function chart(surface, unit, mean, half, most) {
  const k = state.along, axis = data.axes[k];
  const line = Array.from({ length: STEPS + 1 }, (_, n) => {
    const at = unit.slice();
    at[k] = n / STEPS;
    return { x: at[k], ...predicted(surface, at) };
  });
  const reach = data.quantiles[1];
  const values = line.flatMap((each) => [each.mean - reach * each.spread, each.mean + reach * each.spread]);
  const low = Math.min(0, surface.low, mean - most, ...values), high = Math.max(0, surface.high, mean + most, ...values);
  const pad = 0.04 * (high - low || 1);
  const [down, up] = [low - pad, high + pad].map((value) => value * surface.factor);
  const x = (at) => (LEFT + (WIDE - LEFT - RIGHT) * at).toFixed(1);
  const y = (value) => (TOP + ((HIGH - TOP - BOTTOM) * (up - value * surface.factor)) / (up - down)).toFixed(1);
  const band = (quantile, name) => `<path class="${name}" d="M${[
    ...line.map((each) => `${x(each.x)},${y(each.mean + quantile * each.spread)}`),
    ...line.slice().reverse().map((each) => `${x(each.x)},${y(each.mean - quantile * each.spread)}`),
  ].join("L")}Z"/>`;
  const [marks, digits] = ticks(down, up, 4);
  const rows = marks.map((value) => {
    const at = y(value / surface.factor);
    return `<line class="${Math.abs(value) < 1e-12 ? "zero" : "grid"}" x1="${LEFT}" x2="${WIDE - RIGHT}" y1="${at}" y2="${at}"/>` +
      `<text x="${LEFT - 5}" y="${at}" dy=".35em" text-anchor="end">${decimal(value, digits, true)}</text>`;
  });
  const now = Math.min(Math.max(unit[k], 0), 1);
  const bar = (width, name) => `<line class="now${name}" x1="${x(now)}" x2="${x(now)}" y1="${y(mean - width)}" y2="${y(mean + width)}"/>`;
  const across = [0, 0.5, 1].map((at) =>
    `<text x="${x(at)}" y="${HIGH - 6}" text-anchor="${["start", "middle", "end"][2 * at]}">${number(axis, valueAt(axis, at))}</text>`);
  return `<svg viewBox="0 0 ${WIDE} ${HIGH}" role="img">${band(data.quantiles[1], "wide")}${band(data.quantiles[0], "narrow")}` +
    `${rows.join("")}<path class="curve" d="M${line.map((each) => `${x(each.x)},${y(each.mean)}`).join("L")}"/>` +
    `${bar(most, "")}${bar(half, " half")}<circle class="dot" cx="${x(now)}" cy="${y(mean)}" r="4"/>${across.join("")}</svg>`;
}

const number = (axis, value) => (axis.clock ? reading(axis, value) : plain(value));

// how far to trust it

function about() {
  const rule = rules[state.rule];
  const lists = ["reading", "trusting"].map((part) => [
    element("h2", {}, say(part)),
    element("ul", {}, ...data.sentences[part].map((row) => element("li", {}, said(row)))),
  ]);
  const heads = ["outcome", "seen_by", "points", "error", "explained", "inside_half", "inside_most"].map((key) => element("th", { scope: "col" }, say(key)));
  const rows = rule.surfaces.flatMap((surface) => Object.entries(surface.errors).map(([kind, each]) =>
    element("tr", {}, element("th", { scope: "row" }, said(surface.label)), element("td", {}, say(kind)), element("td", {}, String(each.points)),
      element("td", {}, spaced(decimal(each.error * surface.factor, surface.digits), said(surface.unit))),
      element("td", {}, percent(each.explained)), ...each.inside.map((share) => element("td", {}, percent(share))))));
  const table = element("table", {}, element("caption", {}, say("errors")), element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows));
  $("about").replaceChildren(...lists.flat(), element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("errors") }, table),
    element("h2", {}, say("made")), ...data.sentences.made.map((row) => element("p", {}, said(row))), element("p", {}, element("code", {}, data.command)));
}

// the page says so itself if a browser does not compute what Python did
function agrees() {
  return data.checks.every((check) => rules[check.rule].surfaces.every((surface, n) => {
    const found = predicted(surface, check.unit);
    const close = (a, b) => Math.abs(a - b) <= 1e-6 * (Math.abs(check.spreads[n]) + 1e-12);
    return close(found.mean, check.means[n]) && close(found.spread, check.spreads[n]);
  }));
}

read();
build();
update();
if (!agrees()) {
  $("broken").textContent = say("broken");
  $("broken").hidden = false;
}
$("language").addEventListener("click", () => { state.lang = state.lang === "en" ? "zh" : "en"; build(); update(); });
$("along").addEventListener("change", () => { state.along = Number($("along").value); update(); });
$("controls").addEventListener("submit", (event) => event.preventDefault());
window.addEventListener("hashchange", () => { read(); build(); update(); });
