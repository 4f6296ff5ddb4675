//! The JSON lines: sessions pass through unchanged, defaults hold, and no line ends the program.

mod common;

use common::{answers, cookie_header, run, seal, seal_line};
use serde_json::{Value, json};

const SECRET: &str = "9f1c0d6a5be2774c83d1f0a2b4c6e8d7a1b3c5d7e9f00112233445566778899a";

fn explain(line: &Value) -> Value {
    let answers = answers("explain", format!("{line}\n").as_bytes());
    let mut parsed = answers.iter().map(|answer| serde_json::from_str(answer));
    parsed.next_back().and_then(Result::ok).unwrap_or(Value::Null)
}

#[test]
fn what_javascript_wrote_passes_unchanged() {
    let deep = format!("{}1{}", "[".repeat(400), "]".repeat(400));
    let members = format!(
        r#""cut":"\ud83e and \udfff","\ud800":1,"float":1.50,"tiny":1e-7,"big":9007199254740993,"huge":1e400,"n":-0,"deep":{deep}"#
    );
    let session = format!(
        r#"{{"user":{{"sub":"u"}},"tokenSet":{{}},"internal":{{"createdAt":1789999000}},{members}}}"#
    );
    let header = seal(SECRET, &session);
    let line = json!({"id": 1, "secrets": [SECRET], "now": 1_790_000_000, "cookie_header": header});
    let answer = &answers("explain", line.to_string().as_bytes())[0];
    let expected = session.replacen("]]]}", "]]],\"exp\":1790086400}", 1);
    assert_eq!(
        *answer,
        format!(r#"{{"id":1,"outcome":"session","reason":null,"session":{expected},"warnings":[]}}"#)
    );
}

#[test]
fn connections_are_appended_in_the_order_of_the_header() {
    let session = r#"{"user":{"sub":"u"},"tokenSet":{},"internal":{"createdAt":1789999000},"connectionTokenSets":[{"accessToken":"a","connection":"x"},{"accessToken":"b","connection":"y","n":1.0}]}"#;
    let header = seal(SECRET, session);
    let mut pairs: Vec<_> = header.split("; ").collect();
    pairs.reverse();
    let header = format!("{}; __FC_7=junk", pairs.join("; "));
    let answer = explain(&json!({"secrets": [SECRET], "now": 1_790_000_000, "cookie_header": header}));
    let names: Vec<_> = answer["session"]["connectionTokenSets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|set| &set["connection"])
        .collect();
    assert_eq!(names, ["y", "x"]);
    assert!(answer["warnings"][0].as_str().unwrap().starts_with("connections_unread:"), "{answer}");
}

#[test]
fn a_store_is_read_by_the_id_in_the_cookie_and_the_id_is_kept() {
    let session = json!({"user": {"sub": "u"}, "tokenSet": {}, "internal": {"createdAt": 1_790_000_000}});
    let line =
        json!({"secret": SECRET, "now": 1_790_000_000, "session": session, "config": {"kind": "stateful"}});
    let sealed = seal_line(&line.to_string());
    let header = cookie_header(&sealed);
    let question = |store: &Value| json!({"mode": "stateful", "secrets": ["new", SECRET], "now": 1_790_000_000, "cookie_header": header, "store": store});
    let answer = explain(&question(&sealed["store"]));
    assert_eq!(answer["session"], session, "{answer}");
    assert!(answer["warnings"].to_string().contains("old_secret"), "{answer}");
    assert_eq!(explain(&question(&json!({})))["reason"], "not_in_store");
    assert_eq!(explain(&question(&Value::Null))["reason"], "not_in_store");

    let again = |is_new: bool| {
        let mut line = line.clone();
        line["request_cookie_header"] = header.clone().into();
        line["is_new"] = is_new.into();
        seal_line(&line.to_string())["store"].clone()
    };
    assert_eq!(again(false), sealed["store"]);
    assert_ne!(again(true), sealed["store"]);
}

#[test]
fn a_write_follows_its_configuration_and_a_delete_clears() {
    let answer = seal_line(&format!(
        r#"{{"now":1790000000,"session":{{"user":{{"sub":"u"}},"tokenSet":{{}},"internal":{{"createdAt":1790000000}}}},"request_cookie_header":"s__0=x; other=y","config":{{"secret":"{SECRET}","cookie_name":"s","rolling":false,"absolute_duration":600,"unknown":1,"cookie":{{"path":"/app","domain":"example.com","secure":true,"sameSite":"STRICT"}}}}}}"#
    ));
    let lines: Vec<_> =
        answer["set_cookie"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].ends_with("; Path=/app; Expires=Mon, 21 Sep 2026 14:23:20 GMT; Max-Age=600; Domain=example.com; Secure; HttpOnly; SameSite=strict"), "{lines:?}");
    assert_eq!(
        lines[1],
        "s__0=; Path=/app; Max-Age=0; Domain=example.com; Secure; HttpOnly; SameSite=strict"
    );

    let answer = seal_line(
        r#"{"op":"delete","secret":"x","request_cookie_header":"__session__0=a; appSession=b; __FC_0=c; d=e"}"#,
    );
    let names: Vec<_> = answer["set_cookie"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap().split('=').next().unwrap())
        .collect();
    assert_eq!(names, ["__session", "__session__0", "appSession", "__FC_0"]);
}

#[test]
fn no_line_ends_the_program() {
    let huge = "x".repeat(3_000_000);
    let good = r#"{"id":"last","secrets":["s"],"cookie_header":""}"#;
    let mut input = Vec::new();
    for line in [
        &b"{"[..],
        b"\xff\xfe",
        b"{\"id\":7,\"secrets\":[\"\xff\"]}",
        b"null",
        b"[]",
        br#"{"id":[1,{"a":2.0}],"secrets":[]}"#,
        br#"{"id":"a","secrets":[],"cookie_header":""}"#,
        br#"{"id":"b","secrets":["1","2","3","4","5"],"cookie_header":""}"#,
        br#"{"id":"c","secrets":["s"],"cookie_header":"","cookie_name":"a b"}"#,
        br#"{"id":"d","secrets":["s"],"cookie_header":"","mode":"other"}"#,
        br#"{"id":"e","secrets":["s"],"cookie_header":"","mode":"stateful","store":[]}"#,
        br#"{"id":"f","secrets":["s"],"secrets":["t"],"cookie_header":""}"#,
        huge.as_bytes(),
        "[".repeat(100_000).as_bytes(),
        b"",
        good.as_bytes(),
    ] {
        input.extend_from_slice(line);
        input.push(b'\n');
    }
    let answers: Vec<Value> =
        answers("explain", &input).iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 15, "the empty line needs no answer");
    for answer in &answers[..14] {
        assert!(answer["error"].is_string(), "{answer}");
    }
    let ids: Vec<_> = answers.iter().map(|answer| answer["id"].to_string()).collect();
    assert_eq!(ids[..5], ["null", "null", "7", "null", "null"]);
    assert_eq!(ids[5..9], [r#"[1,{"a":2.0}]"#, r#""a""#, r#""b""#, r#""c""#]);
    assert_eq!((&*ids[14], &answers[14]["reason"]), (r#""last""#, &json!("no_cookie")));
}

#[test]
fn cookie_headers_of_any_characters_are_judged() {
    let line = concat!(
        r#"{"secrets":["\ud83e",""],"cookie_header":"__session=\ud800\u0000é🦀%ff\u2028; \n=;","now":null,"store":null,"domain":null,"legacy":null,"mode":null,"cookie_name":null}"#,
        "\n",
        r#"{"secrets":["s"],"cookie_header":"__session=\u0000\u0001\r\n"}"#
    );
    let answers: Vec<Value> =
        answers("explain", line.as_bytes()).iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers[0]["reason"], "no_cookie", "a broken percent-encoding is skipped: {}", answers[0]);
    assert_eq!(answers[1]["reason"], "malformed");
    assert!(answers[0]["warnings"][0].as_str().unwrap().starts_with("weak_secret:"));
}

#[test]
fn answers_come_while_the_input_is_still_open() {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_auth-doctor"))
        .args(["explain", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for id in 0..3 {
        writeln!(stdin, r#"{{"id":{id},"secrets":["s"],"cookie_header":""}}"#).unwrap();
        let mut answer = String::new();
        stdout.read_line(&mut answer).unwrap();
        assert!(answer.starts_with(&format!(r#"{{"id":{id},"outcome":"none""#)), "{answer}");
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let (code, _, err) = run(&["explain", "--json"], &[], b"");
    assert_eq!((code, &*err), (0, ""));
}
