// Files of a data set on their way up: a ZIP as it is, everything else of one hand-in as one body in which
// each file follows a line with its path and size. A folder keeps the paths inside it.

const form = document.getElementById("import");
const box = document.getElementById("drop");
const list = form.querySelector(".uploads");
const ORDER = new Intl.Collator("en", { numeric: true });
const IGNORED = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|__MACOSX\/.*)$/i;
const waiting = [];
let isBusy = false;

addEventListener("beforeunload", (event) => {
  if (isBusy) event.preventDefault();
});
form.addEventListener("submit", (event) => event.preventDefault());

for (const id of ["files", "folder"]) {
  const input = document.getElementById(id);
  input.addEventListener("change", () => {
    take([...input.files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
    input.value = "";
  });
}

// A file that misses the box must not replace the page.
for (const type of ["dragover", "drop"]) addEventListener(type, (event) => event.preventDefault());
for (const type of ["dragenter", "dragover"]) box.addEventListener(type, () => box.classList.add("over"));
box.addEventListener("dragleave", (event) => {
  if (!box.contains(event.relatedTarget)) box.classList.remove("over");
});
box.addEventListener("drop", async (event) => {
  box.classList.remove("over");
  // The entries are gone once the event is over: ask for all of them first.
  const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
  const found = items.map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  const files = [];
  for (const { entry, file } of found) {
    if (entry?.isDirectory) files.push(...(await walk(entry)));
    else if (file) files.push({ path: file.name, file });
  }
  take(files);
});

async function walk(folder) {
  const files = [];
  const reader = folder.createReader();
  for (;;) {
    // A folder is told in portions; an empty one is the end.
    const entries = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (entries.length === 0) return files;
    for (const entry of entries) {
      if (entry.isDirectory) files.push(...(await walk(entry)));
      else files.push({ path: entry.fullPath.slice(1), file: await new Promise((done, failed) => entry.file(done, failed)) });
    }
  }
}

function take(files) {
  const kept = files.filter(({ path }) => !IGNORED.test(path)).sort((a, b) => ORDER.compare(a.path, b.path));
  if (kept.length === 0) settle(addLine("—"), "refused", form.dataset.none);
  const isZip = ({ path }) => /\.zip$/i.test(path);
  for (const one of kept.filter(isZip)) queue([one], one.path.split("/").pop());
  const loose = kept.filter((one) => !isZip(one));
  if (loose.length > 0) queue(loose, nameOf(loose));
}

// The folder they share, or how many there are.
function nameOf(files) {
  const tops = new Set(files.map(({ path }) => (path.includes("/") ? path.split("/")[0] : "")));
  const [top] = tops;
  if (tops.size === 1 && top) return top;
  return files.length === 1 ? files[0].path : form.dataset.files.replace("{n}", files.length);
}

function queue(files, name) {
  waiting.push({ files, name, line: addLine(name) });
  work();
}

async function work() {
  if (isBusy) return;
  isBusy = true;
  while (waiting.length > 0) await send(waiting.shift());
  isBusy = false;
}

function send({ files, name, line }) {
  const parts = [];
  for (const { path, file } of files) parts.push(`${JSON.stringify({ path, size: file.size })}\n`, file);
  const address = new URL(form.action);
  for (const [key, value] of new FormData(form)) {
    if (typeof value === "string" && key !== "csrfmiddlewaretoken") address.searchParams.set(key, value);
  }
  address.searchParams.set("name", name);
  if (files.length === 1) address.searchParams.set("single", "1");
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const bar = line.querySelector("progress");
    line.querySelector(".said").textContent = form.dataset.sending;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.addEventListener("load", () => {
      answered(line, request);
      done();
    });
    request.addEventListener("error", () => {
      settle(line, "refused", form.dataset.lost);
      done();
    });
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/x-medula-files");
    request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    request.send(new Blob(parts));
  });
}

function answered(line, request) {
  // A session that has ended leads the upload to the sign-in page.
  if (request.responseURL.includes("/accounts/login/")) return settle(line, "refused", form.dataset.signedOut);
  let answer = {};
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    // An error page: not our answer.
  }
  if (!answer.url) return settle(line, "refused", answer.sentence ?? form.dataset.lost);
  settle(line, "created", form.dataset.kept);
  const leave = document.getElementById("done");
  leave.hidden = false;
  for (const button of form.querySelectorAll(".chooser .main")) button.classList.replace("main", "button");
  leave.querySelector("a").focus();
  return undefined;
}

function addLine(name) {
  const line = document.createElement("li");
  const label = document.createElement("span");
  label.className = "name";
  label.textContent = label.title = name;
  const said = document.createElement("span");
  said.className = "said quiet";
  said.textContent = form.dataset.waiting;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", name);
  line.append(label, said, bar);
  list.append(line);
  return line;
}

function settle(line, state, sentence) {
  line.className = state;
  line.querySelector(".said").textContent = sentence;
  line.querySelector("progress")?.remove();
}
