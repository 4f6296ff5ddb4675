"use client";

import { useState } from "react";

const CALLS = ["GET /api/me", "GET /api/orders", "POST /api/orders"];

export function Calls() {
  const [chosen, setChosen] = useState();
  const [answer, setAnswer] = useState();

  async function call(name) {
    setChosen(name);
    const [method, path] = name.split(" ");
    const body = JSON.stringify({ item: "scones" });
    const options = method === "POST" ? { method, headers: { "content-type": "application/json" }, body } : { method };
    try {
      const response = await fetch(path, options);
      const text = readable(await response.text());
      setAnswer({ status: `${response.status} ${response.statusText}`, kind: response.ok ? "good" : "bad", text });
    } catch (error) {
      setAnswer({ status: "No answer", kind: "bad", text: String(error) });
    }
  }

  return (
    <>
      <div className="calls">
        {CALLS.map((name) => (
          <button key={name} type="button" aria-pressed={name === chosen} onClick={() => call(name)}>
            <Call name={name} />
          </button>
        ))}
      </div>
      <div id="answer" role="status" aria-live="polite">
        {answer ? <Answer {...answer} /> : <p className="hint">Choose a call. Its status and body appear here.</p>}
      </div>
    </>
  );
}

function Call({ name }) {
  const [method, path] = name.split(" ");
  return (
    <>
      <b>{method}</b> {path}
    </>
  );
}

function Answer({ status, kind, text }) {
  return (
    <>
      <p className={`status ${kind}`}>{status}</p>
      <pre>{text}</pre>
    </>
  );
}

function readable(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
