// The front end of the widget: the page in a frame of its own, and its numbers in step with Python's.

function render({ model, el }) {
  const frame = document.createElement("iframe");
  // The page may run its script and nothing else: it cannot read or change the notebook around it.
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = model.get("title");
  frame.style.cssText = "display:block;width:100%;border:1px solid #d0d7de;border-radius:6px;box-sizing:border-box;background:#fff";
  frame.style.height = `${model.get("height")}px`;
  const problem = document.createElement("p");
  problem.setAttribute("role", "status");
  problem.style.cssText = "margin:4px 0;white-space:pre-wrap";

  const tellPage = () => frame.contentWindow?.postMessage({ glassgrad: "numbers", numbers: model.get("numbers") }, "*");
  const hearPage = (event) => {
    if (event.source !== frame.contentWindow) return;
    if (event.data?.glassgrad === "ready") tellPage();
    if (event.data?.glassgrad === "moved") {
      model.set("numbers", { ...model.get("numbers"), ...event.data.numbers });
      model.save_changes();
    }
  };
  const showProblem = () => { problem.textContent = model.get("problem"); };
  const showPage = () => { frame.srcdoc = model.get("html"); };

  addEventListener("message", hearPage);
  model.on("change:numbers", tellPage);
  model.on("change:problem", showProblem);
  showProblem();
  showPage();
  el.append(frame, problem);
  return () => {
    removeEventListener("message", hearPage);
    model.off("change:numbers", tellPage);
    model.off("change:problem", showProblem);
  };
}

export default { render };
