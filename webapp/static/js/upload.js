// Pictures dropped or chosen go up one after another, in the order of their names, each with its bar.

const ORDER = new Intl.Collator(document.documentElement.lang, { numeric: true });
let sending = 0;

for (const form of document.querySelectorAll("form.drop")) prepare(form);

addEventListener("beforeunload", (event) => {
  if (sending > 0) event.preventDefault();
});

function prepare(form) {
  const input = form.querySelector("input[type=file]");
  const waiting = [];
  let isBusy = false;

  const work = async () => {
    if (isBusy) return;
    isBusy = true;
    while (waiting.length > 0) {
      const { file, line } = waiting.shift();
      await send(form, file, line);
      sending -= 1;
    }
    isBusy = false;
  };
  const add = (files) => {
    for (const file of files.sort((a, b) => ORDER.compare(a.name, b.name))) {
      waiting.push({ file, line: addLine(form, file.name) });
      sending += 1;
    }
    work();
  };

  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  // A file that misses the box must not replace the page.
  for (const type of ["dragover", "drop"]) addEventListener(type, (event) => event.preventDefault());
  form.addEventListener("dragenter", () => form.classList.add("over"));
  form.addEventListener("dragover", () => form.classList.add("over"));
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) form.classList.remove("over");
  });
  form.addEventListener("drop", (event) => {
    form.classList.remove("over");
    const { files, folders } = sorted(event.dataTransfer);
    for (const name of folders) settle(addLine(form, name), "refused", form.dataset.folder);
    add(files);
  });
}

function sorted(transfer) {
  const files = [];
  const folders = [];
  for (const item of transfer.items) {
    if (item.kind !== "file") continue;
    const entry = item.webkitGetAsEntry?.();
    if (entry?.isDirectory) folders.push(entry.name);
    else files.push(item.getAsFile());
  }
  return { files: files.filter(Boolean), folders };
}

function addLine(form, name) {
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
  form.querySelector(".uploads").append(line);
  return line;
}

function settle(line, state, sentence) {
  line.className = state;
  line.querySelector(".said").textContent = sentence;
  line.querySelector("progress")?.remove();
}

function send(form, file, line) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const bar = line.querySelector("progress");
    line.querySelector(".said").textContent = form.dataset.sending;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.addEventListener("load", () => {
      answered(form, line, request);
      done();
    });
    request.addEventListener("error", () => {
      settle(line, "refused", form.dataset.lost);
      done();
    });
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    const body = new FormData();
    body.append("files", file, file.name);
    request.send(body);
  });
}

function answered(form, line, request) {
  // A session that has ended leads the upload to the sign-in page.
  if (request.responseURL.includes("/accounts/login/")) return settle(line, "refused", form.dataset.signedOut);
  let answer = {};
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    // An error page: not our answer.
  }
  const file = answer.files?.[0];
  if (!file) return settle(line, "refused", answer.sentence ?? form.dataset.lost);
  if (file.state === "created") {
    settle(line, "created", form.dataset.kept);
    form.classList.add("small");
    form.querySelector(".main")?.classList.replace("main", "button");
    // The tile of the picture says from here on how it stands; asked for again, should the first answer
    // have been lost on the way.
    setTimeout(() => {
      line.remove();
      document.getElementById("pictures").dispatchEvent(new Event("refresh"));
    }, 4000);
  } else {
    settle(line, file.state === "duplicate" ? "duplicate" : "refused", file.sentence);
  }
  document.getElementById("pictures").dispatchEvent(new Event("refresh"));
  return undefined;
}
