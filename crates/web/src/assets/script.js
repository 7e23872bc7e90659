"use strict";
(() => {
  const root = document.documentElement;

  // Light, dark, or as the system says; remembered where the browser allows it.
  const themes = ["system", "light", "dark"];
  const remembered = () => { try { return localStorage.getItem("undrift-theme"); } catch { return null; } };
  const remember = (theme) => { try { localStorage.setItem("undrift-theme", theme); } catch { /* files may not */ } };
  const wear = (theme) => {
    if (theme === "system") root.removeAttribute("data-theme"); else root.setAttribute("data-theme", theme);
    for (const name of document.querySelectorAll("[data-theme-name]")) name.textContent = theme;
  };
  let theme = themes.includes(remembered()) ? remembered() : "system";
  wear(theme);
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      theme = themes[(themes.indexOf(theme) + 1) % themes.length];
      remember(theme);
      wear(theme);
    });
  }

  // Paper has no handles to unfold.
  const unfolded = [];
  addEventListener("beforeprint", () => {
    for (const it of document.querySelectorAll("details:not([open])")) { it.open = true; unfolded.push(it); }
  });
  addEventListener("afterprint", () => { for (const it of unfolded.splice(0)) it.open = false; });

  const diagram = (figure) => {
    const view = figure.querySelector("[data-view]");
    const svg = figure.querySelector("[data-erd]");
    const find = figure.querySelector("[data-find]");
    const found = figure.querySelector("[data-found]");
    const [left, top, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    const tables = [...svg.querySelectorAll(".table")].map((element) => {
      const at = element.transform.baseVal.consolidate().matrix;
      const box = element.querySelector(".box");
      const name = element.dataset.table;
      const label = element.querySelector(".name");
      element.style.setProperty("--fit", Math.max(13, (box.width.baseVal.value - 16) / (label.textContent.length * 0.62)));
      return {
        element, name, x: at.e, y: at.f, width: box.width.baseVal.value, height: box.height.baseVal.value,
        text: `${name} ${element.dataset.columns}`.toLowerCase(),
      };
    });
    const lines = [...svg.querySelectorAll(".lines path")];
    figure.classList.add("live");
    let box = { x: left, y: top, width, height };

    const show = () => {
      svg.setAttribute("viewBox", `${box.x} ${box.y} ${box.width} ${box.height}`);
      const unit = Math.max(box.width / view.clientWidth, box.height / view.clientHeight);
      svg.style.setProperty("--unit", unit);
      svg.classList.toggle("far", unit > 2.2);
    };
    const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
    const whole = () => { box = { x: left, y: top, width, height }; show(); };
    const zoom = (factor, at) => {
      const wide = clamp(box.width * factor, 160, Math.max(width, height) * 3);
      const by = wide / box.width;
      const point = at || { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      box = { x: point.x - (point.x - box.x) * by, y: point.y - (point.y - box.y) * by, width: wide, height: box.height * by };
      show();
    };
    const move = (x, y) => {
      box.x = clamp(box.x + x, left - box.width, left + width);
      box.y = clamp(box.y + y, top - box.height, top + height);
      show();
    };
    // Where an event is, in the units of the diagram.
    const point = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const look = (table) => {
      // A little more than life size would be too near, the whole too far.
      const unit = Math.min(1, Math.max(box.width / view.clientWidth, 0.5));
      const wide = view.clientWidth * unit, high = view.clientHeight * unit;
      // Of what is longer than the view, the beginning.
      const begin = (at, size, seen) => Math.min(at + size / 2 - seen / 2, at - 12 * unit);
      const x = begin(table.x, table.width, wide), y = begin(table.y, table.height, high);
      box = { x, y, width: wide, height: high };
      show();
    };
    const pick = (table) => {
      const near = new Set();
      for (const line of lines) {
        const isNear = table && (line.dataset.from === table.name || line.dataset.to === table.name);
        line.classList.toggle("near", Boolean(isNear));
        if (isNear) near.add(line.dataset.from).add(line.dataset.to);
      }
      svg.classList.toggle("picked", Boolean(table));
      for (const it of tables) {
        it.element.classList.toggle("pick", it === table);
        it.element.classList.toggle("near", near.has(it.name));
      }
    };

    let hits = [], next = 0;
    const search = () => {
      const wanted = find.value.trim().toLowerCase();
      hits = wanted ? tables.filter((it) => it.text.includes(wanted)) : [];
      const rank = (it) => it.name.toLowerCase().replace(/^public\./, "") === wanted ? 0 : it.name.toLowerCase().includes(wanted) ? 1 : 2;
      hits.sort((one, other) => rank(one) - rank(other));
      next = 0;
      for (const it of tables) it.element.classList.toggle("hit", hits.includes(it));
      found.textContent = wanted ? `${hits.length} found` : "";
      if (!wanted) { pick(null); whole(); }
      else if (hits.length && rank(hits[0]) < 2) { pick(hits[0]); look(hits[0]); }
      else pick(null);
    };
    find.addEventListener("input", search);
    find.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && hits.length) {
        event.preventDefault();
        next = (next + 1) % hits.length;
        pick(hits[next]);
        look(hits[next]);
        found.textContent = `${next + 1} of ${hits.length}`;
      }
    });

    for (const button of figure.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => {
        switch (button.dataset.zoom) {
          case "in": zoom(0.7); break;
          case "out": zoom(1 / 0.7); break;
          case "whole": pick(null); whole(); break;
          case "full": {
            const isLarge = figure.classList.toggle("large");
            button.setAttribute("aria-pressed", String(isLarge));
            show();
            break;
          }
        }
      });
    }
    view.addEventListener("wheel", (event) => {
      // The wheel alone moves the page, unless the diagram has all of it.
      if (!event.ctrlKey && !event.metaKey && !figure.classList.contains("large")) return;
      event.preventDefault();
      zoom(Math.exp(clamp(event.deltaY, -120, 120) * 0.004), point(event));
    }, { passive: false });
    view.addEventListener("keydown", (event) => {
      const step = box.width * 0.1;
      const act = {
        ArrowLeft: () => move(-step, 0), ArrowRight: () => move(step, 0), ArrowUp: () => move(0, -step),
        ArrowDown: () => move(0, step), "+": () => zoom(0.8), "=": () => zoom(0.8), "-": () => zoom(1.25), "0": whole,
        Escape: () => { pick(null); if (figure.classList.contains("large")) figure.querySelector("[data-zoom=full]").click(); },
      }[event.key];
      if (act && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); act(); }
    });

    let grip = null;
    view.addEventListener("pointerdown", (event) => {
      if (event.button === 0) grip = { x: event.clientX, y: event.clientY, moved: 0, target: event.target };
    });
    view.addEventListener("pointermove", (event) => {
      if (!grip) return;
      const unit = Math.max(box.width / view.clientWidth, box.height / view.clientHeight);
      const [x, y] = [event.clientX - grip.x, event.clientY - grip.y];
      grip.moved += Math.abs(x) + Math.abs(y);
      if (grip.moved > 4) { view.setPointerCapture(event.pointerId); view.classList.add("moving"); }
      Object.assign(grip, { x: event.clientX, y: event.clientY });
      move(-x * unit, -y * unit);
    });
    const release = () => {
      if (grip && grip.moved <= 4) {
        const element = grip.target.closest(".table");
        const table = tables.find((it) => it.element === element);
        pick(table && !element.classList.contains("pick") ? table : null);
      }
      grip = null;
      view.classList.remove("moving");
    };
    view.addEventListener("pointerup", release);
    view.addEventListener("pointercancel", () => { grip = null; view.classList.remove("moving"); });
    addEventListener("resize", show);
    show();
  };
  document.querySelectorAll("[data-diagram]").forEach(diagram);

  // Parts of the local page that are fetched when they are there.
  for (const part of document.querySelectorAll("[data-fetch]")) {
    const load = async () => {
      try {
        const answer = await fetch(part.dataset.fetch, { headers: { accept: "text/html" } });
        const text = await answer.text();
        part.innerHTML = text;
        part.removeAttribute("aria-busy");
        if (part.dataset.again && answer.headers.get("x-undrift-again")) setTimeout(load, Number(part.dataset.again));
      } catch {
        part.textContent = "undrift ui does not answer any more.";
        part.removeAttribute("aria-busy");
      }
    };
    load();
  }
})();
