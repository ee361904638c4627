// Shows times in the reader's zone, and keeps ages true. Every page works without it.
(() => {
  const format = new Intl.DateTimeFormat(undefined, {dateStyle: "medium", timeStyle: "medium"});
  const units = [["days", 86400, 2], ["h", 3600, 1], ["min", 60, 1]];

  function describeAge(seconds) {
    for (const [unit, size, least] of units) {
      if (seconds >= least * size) return `${Math.floor(seconds / size)} ${unit} ago`;
    }
    return `${Math.max(0, Math.floor(seconds))} s ago`;
  }

  const clock = new Intl.DateTimeFormat(undefined, {timeStyle: "short"});

  function showTimes(root) {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (isNaN(at)) continue;
      if (time.hasAttribute("data-age")) {
        time.title = format.format(at);
        const age = describeAge((Date.now() - at) / 1000);
        if (time.textContent !== age) time.textContent = age;
      } else if (!time.title) {
        const isToday = new Date().toDateString() === at.toDateString();
        time.title = time.textContent;
        time.textContent = (time.hasAttribute("data-clock") && isToday ? clock : format).format(at);
      }
    }
  }

  // "12 new" instead of a list that jumps: the stream sends a total, the page knows where it began.
  function countFresh() {
    const start = document.querySelector("[data-fresh]"), now = document.querySelector(".fresh");
    const notice = document.getElementById("fresh");
    if (!start || !now || !notice) return;
    if (!Number(start.dataset.fresh)) start.dataset.fresh = now.dataset.total;
    const fresh = now.dataset.total - start.dataset.fresh;
    notice.hidden = fresh <= 0;
    const text = `${fresh} new or changed`;
    const span = notice.querySelector("span");
    if (span.textContent !== text) span.textContent = text;
  }

  showTimes(document);
  document.addEventListener("htmx:after:swap", () => {
    showTimes(document);
    countFresh();
  });
  setInterval(() => showTimes(document), 10000);
})();
