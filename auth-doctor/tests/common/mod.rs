//! Runs the program.
#![allow(dead_code, reason = "each test target uses its own part")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failing helper fails the test"
)]

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Runs the program with exactly these variables and gives its exit code, output and errors.
pub(crate) fn run(arguments: &[&str], variables: &[(&str, &str)], input: &[u8]) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_auth-doctor"))
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // From a thread of its own: the program answers while it reads, and a full pipe would block both.
    // One that was called wrongly does not read at all, so a broken pipe is no failure.
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The answers to lines of `mode` (`explain` or `seal`).
pub(crate) fn answers(mode: &str, input: &[u8]) -> Vec<String> {
    let (code, out, err) = run(&[mode, "--json"], &[], input);
    assert_eq!((code, &*err), (0, ""), "{out}");
    out.lines().map(str::to_owned).collect()
}

pub(crate) fn seal_line(line: &str) -> serde_json::Value {
    let answers = answers("seal", line.as_bytes());
    assert_eq!(answers.len(), 1, "{answers:?}");
    serde_json::from_str(&answers[0]).unwrap()
}

/// The `Cookie` header of a browser that got these lines.
pub(crate) fn cookie_header(answer: &serde_json::Value) -> String {
    let lines = answer["set_cookie"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let pairs = lines.iter().map(|line| line.as_str().unwrap().split(';').next().unwrap());
    pairs.filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
}

/// The `Cookie` header for a session that was written at 1790000000.
pub(crate) fn seal(secret: &str, session: &str) -> String {
    let secret = serde_json::Value::from(secret);
    cookie_header(&seal_line(&format!(r#"{{"secret":{secret},"now":1790000000,"session":{session}}}"#)))
}
