"use strict";
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue("--ink").trim();
    const line = style.getPropertyValue("--line").trim();
    return { ink, line, paper: style.getPropertyValue("--paper").trim() };
  }

  function themed(layout) {
    const { ink, line, paper } = colours();
    const made = structuredClone(layout);
    made.paper_bgcolor = made.plot_bgcolor = "rgba(0,0,0,0)";
    made.font = { color: ink, size: 12, family: getComputedStyle(document.body).fontFamily };
    made.hoverlabel = { bgcolor: paper, bordercolor: line, font: { color: ink } };
    for (const name of Object.keys(made).filter((each) => /^[xy]axis/.test(each))) {
      made[name] = { ...made[name], gridcolor: line, linecolor: line, zerolinecolor: line };
    }
    return made;
  }

  const plots = [...document.querySelectorAll("[data-plot]")].map((place) => {
    const { data, layout } = JSON.parse(document.getElementById(place.dataset.plot).textContent);
    return { place, data, layout };
  });

  function draw() {
    const ink = colours().ink;
    for (const { place, data, layout } of plots) {
      for (const trace of data) {
        for (const bars of ["error_x", "error_y"]) if (trace[bars]) trace[bars].color = ink;
      }
      Plotly.react(place, data, themed(layout), { responsive: true, displayModeBar: false });
    }
  }

  draw();
  dark.addEventListener("change", draw);

  const form = document.querySelector(".filters");
  if (!form) return;
  const failures = [...document.querySelectorAll(".failures > details")];
  const count = document.querySelector("output");

  function filter() {
    const wanted = Object.fromEntries(new FormData(form));
    const words = wanted.words.toLocaleLowerCase();
    let shown = 0;
    for (const one of failures) {
      const { set, crossing, kinds, lost } = one.dataset;
      const fits =
        (!wanted.set || wanted.set === set) &&
        (!wanted.crossing || wanted.crossing === crossing) &&
        (!wanted.kind || kinds.split("\n").includes(wanted.kind)) &&
        (!wanted.lost || wanted.lost === lost) &&
        (!words || one.textContent.toLocaleLowerCase().includes(words));
      one.hidden = !fits;
      shown += fits;
    }
    count.value = `${shown} / ${failures.length}`;
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();
})();
