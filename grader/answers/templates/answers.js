"use strict";
// Marks are kept by the digest of the answer: on a page that was written again, the same answer has them.
const data = JSON.parse(document.getElementById("data").textContent);
const KEY = ["course-answers", data.gradebook, data.notebook, data.question].join(":");
const $ = (id) => document.getElementById(id);
// drafts: digest -> {points, comment, own, submissions}; exported: digest -> {points, comment, when}.
let drafts = {}, exported = {};

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) || "{}");
    drafts = kept.drafts || {};
    exported = kept.exported || {};
    // What was exported before this page was written is in the gradebook, or somebody gave something else since.
    for (const [digest, was] of Object.entries(exported)) {
      const known = Object.hasOwn(data.answers, digest) && data.answers[digest].given;
      if (known && was.when < data.written && drafts[digest] && same(drafts[digest], was)) delete drafts[digest];
    }
  } catch (error) {
    $("no-storage").hidden = false;
  }
}

function save() {
  try {
    localStorage.setItem(KEY, JSON.stringify({ drafts, exported }));
    $("no-storage").hidden = true;
  } catch (error) {
    $("no-storage").hidden = false;
  }
}

// What is in a field of points: a number, null for an empty one, NaN for what is not between 0 and the maximum.
function read(text) {
  const plain = text.trim().replace(",", ".");
  if (plain === "") return null;
  const points = /^\d*\.?\d+$|^\d+\.$/.test(plain) ? Number(plain) : NaN;
  return points >= 0 && points <= data.maximum ? points : NaN;
}

const write = (points) => (points === null ? "" : String(points));

function mark(digest) {
  if (drafts[digest]) return drafts[digest];
  const given = data.answers[digest].given;
  return given ? { points: write(given[0]), comment: given[1] } : null;
}

const same = (one, other) => one.points === other.points && one.comment === other.comment;
const isMarked = (digest) => {
  const points = read((mark(digest) || { points: "" }).points);
  return points === null ? data.answers[digest].automatic : !Number.isNaN(points);
};
const students = (digests) => digests.reduce((sum, digest) => sum + data.answers[digest].submissions.length, 0);

function field(where) {
  return { points: where.querySelector(".points"), comment: where.querySelector(".comment-field") };
}

function show(fields, value) {
  // The field in which somebody types is left alone.
  for (const name of ["points", "comment"]) {
    if (document.activeElement !== fields[name]) fields[name].value = value ? value[name] : "";
  }
  const wrong = Number.isNaN(read(fields.points.value));
  fields.points.setAttribute("aria-invalid", String(wrong));
  return wrong;
}

class Group {
  constructor(section) {
    this.section = section;
    this.fields = field(section.querySelector(".give"));
    this.state = section.querySelector(".state");
    this.cards = new Map();
    for (const card of section.querySelectorAll(".answer")) {
      const own = card.querySelector(".own");
      this.cards.set(card.dataset.answer, own ? { own, fields: field(own) } : null);
    }
    this.digests = [...this.cards.keys()];
    this.listen(this.fields, (value) => this.give(this.members(), value, false));
    for (const [digest, card] of this.cards) {
      if (card) this.listen(card.fields, (value) => this.give([digest], value, value.points !== "" || value.comment !== ""));
    }
    const zero = section.querySelector(".zero");
    if (zero) zero.addEventListener("click", () => this.give(this.members(), { points: "0", comment: this.fields.comment.value }, false));
  }

  listen(fields, give) {
    for (const each of [fields.points, fields.comment]) {
      each.addEventListener("input", () => give({ points: fields.points.value, comment: fields.comment.value }));
      each.addEventListener("change", () => refresh());
    }
  }

  // Those that have what the group has: no points of their own, here or in the gradebook.
  members() {
    const free = this.digests.filter((digest) => !(drafts[digest] && drafts[digest].own));
    const marks = free.map(mark).filter(Boolean);
    const agree = marks.every((each) => same(each, marks[0]));
    return agree ? free : free.filter((digest) => drafts[digest] || !data.answers[digest].given);
  }

  give(digests, value, own) {
    for (const digest of digests) {
      if (value.points === "" && value.comment === "") delete drafts[digest];
      else drafts[digest] = { ...value, own, submissions: data.answers[digest].submissions };
    }
    save();
    refresh();
  }

  refresh() {
    const members = this.members();
    const marks = members.map(mark).filter(Boolean);
    const agree = marks.length > 0 && marks.every((each) => same(each, marks[0]));
    let wrong = show(this.fields, agree ? marks[0] : null);
    for (const [digest, card] of this.cards) {
      if (!card) continue;
      const isOwn = !members.includes(digest) || (!agree && mark(digest));
      wrong = show(card.fields, isOwn ? mark(digest) : null) || wrong;
      if (isOwn) card.own.open = true;
    }
    const open = this.digests.filter((digest) => !isMarked(digest));
    const left = students(open), all = students(this.digests);
    this.section.classList.toggle("done", left === 0);
    this.section.classList.toggle("partly", left > 0 && left < all);
    this.state.classList.toggle("wrong", wrong);
    this.state.textContent = wrong
      ? `Points must be a number from 0 to ${data.maximum}. Others are not exported.`
      : left === 0
        ? (this.digests.every((digest) => !mark(digest)) ? "Has 0 by itself, as it was handed out." : "Has points.")
        : left < all ? `${left} of ${all} students have no points yet.` : "";
    if (!wrong && open.length && agree && open.length < this.digests.length) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Give them the group's";
      button.addEventListener("click", () => this.give(open, { ...marks[0] }, false));
      this.state.append(" ", button);
    }
  }

  get isDone() {
    return this.digests.every(isMarked);
  }

  focus() {
    this.section.scrollIntoView({ block: "start" });
    this.fields.points.focus({ preventScroll: true });
  }
}

load();
const groups = [...document.querySelectorAll(".group")].map((section) => new Group(section));
const everything = Object.keys(data.answers);

function refresh() {
  groups.forEach((group) => group.refresh());
  const done = students(everything.filter(isMarked));
  $("progress").textContent = `${done} of ${students(everything)} have points`;
}

function step(by) {
  const sections = groups.map((group) => group.section);
  const here = sections.findIndex((section) => section.contains(document.activeElement));
  const next = sections[Math.min(Math.max(here + by, 0), sections.length - 1)];
  if (next) {
    next.scrollIntoView({ block: "start" });
    next.focus({ preventScroll: true });
  }
}

function next() {
  const here = groups.findIndex((group) => group.section.contains(document.activeElement));
  const ahead = [...groups.slice(here + 1), ...groups.slice(0, here + 1)];
  const found = ahead.find((group) => !group.isDone);
  if (found) found.focus();
  else say("All answers have points. Export them, then run `course mark` with the file.");
}

function say(sentence) {
  $("message").textContent = sentence;
}

function marks() {
  const found = [];
  for (const digest of everything) {
    const draft = drafts[digest];
    const points = draft ? read(draft.points) : null;
    if (!draft || Number.isNaN(points)) continue;
    const given = data.answers[digest].given;
    const had = (given && given[1]) || (exported[digest] && exported[digest].comment);
    // null leaves the comment that is there; an empty text takes it back.
    const comment = draft.comment !== "" || had ? draft.comment : null;
    found.push({ answer: digest, submissions: data.answers[digest].submissions, points, comment });
  }
  return found;
}

function exportMarks() {
  const found = marks();
  const { answers, file, ...head } = data;
  const url = URL.createObjectURL(new Blob([JSON.stringify({ ...head, marks: found }, null, 1)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
  for (const { answer } of found) {
    exported[answer] = { points: drafts[answer].points, comment: drafts[answer].comment, when: new Date().toISOString() };
  }
  save();
  const wrong = everything.filter((digest) => drafts[digest] && Number.isNaN(read(drafts[digest].points)));
  say(
    `Exported for ${students(found.map((each) => each.answer))} students to ${file}. Next: course mark ${file}` +
      (wrong.length ? ` (${students(wrong)} students are left out: their points are not from 0 to ${data.maximum})` : ""),
  );
}

async function importMarks(file) {
  let found;
  try {
    found = JSON.parse(await file.text());
  } catch (error) {
    return say(`${file.name} is damaged: choose a file that was exported here.`);
  }
  const fits = ["format", "gradebook", "notebook", "question"].every((name) => found && found[name] === data[name]);
  if (!fits || !Array.isArray(found.marks)) return say(`${file.name} is not of this question.`);
  const known = found.marks.filter((each) => each && Object.hasOwn(data.answers, each.answer));
  for (const each of known) {
    drafts[each.answer] = {
      points: typeof each.points === "number" ? write(each.points) : "",
      comment: typeof each.comment === "string" ? each.comment : "",
      own: false,
      submissions: data.answers[each.answer].submissions,
    };
  }
  for (const group of groups) {
    const mine = group.digests.map(mark).filter(Boolean);
    if (!mine.every((one) => one.points === mine[0].points && one.comment === mine[0].comment)) {
      for (const digest of group.digests) if (drafts[digest]) drafts[digest].own = true;
    }
  }
  save();
  refresh();
  say(`${known.length} of the ${found.marks.length} answers in ${file.name} are on this page and have its points.`);
}

// Marks that were typed here for answers that are others now.
function showReplaced() {
  const holder = new Map();
  for (const digest of everything) for (const key of data.answers[digest].submissions) holder.set(key, digest);
  for (const [digest, draft] of Object.entries(drafts)) {
    if (Object.hasOwn(data.answers, digest)) continue;
    const now = new Set((draft.submissions || []).map((key) => holder.get(key)).filter(Boolean));
    for (const each of now) {
      const note = document.createElement("p");
      note.className = "earlier";
      note.textContent = `You typed for an earlier answer: ${draft.points || "no"} points. ${draft.comment}`;
      document.querySelector(`.answer[data-answer="${each}"] .who`).after(note);
    }
  }
}

$("next").addEventListener("click", next);
$("export").addEventListener("click", exportMarks);
$("import").addEventListener("change", (event) => {
  if (event.target.files[0]) importMarks(event.target.files[0]);
  event.target.value = "";
});
document.addEventListener("keydown", (event) => {
  const types = event.target.matches("input, textarea");
  if (types && event.key === "Escape") return event.target.closest(".group, .bar").focus();
  if (types && event.key === "Enter" && (event.ctrlKey || event.metaKey)) return next();
  if (types || event.ctrlKey || event.metaKey || event.altKey) return;
  const action = { n: next, j: () => step(1), k: () => step(-1), e: exportMarks }[event.key];
  if (action) {
    event.preventDefault();
    action();
  }
});
window.addEventListener("storage", (event) => {
  if (event.key === KEY) {
    load();
    refresh();
  }
});
window.addEventListener("beforeunload", (event) => {
  if (!$("no-storage").hidden && Object.keys(drafts).length) event.preventDefault();
});
// On a narrow screen the answers come soon.
if (matchMedia("(max-width: 55rem)").matches) for (const each of document.querySelectorAll("aside details")) each.open = false;
showReplaced();
refresh();
