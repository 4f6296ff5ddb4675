//! The program as a user runs it: its exit codes, what a report says, and what it never says.

mod common;

use common::{run, seal};

const NOW: &str = "1790000000";
const SECRET: &str = "9f1c0d6a5be2774c83d1f0a2b4c6e8d7a1b3c5d7e9f00112233445566778899a";
const SESSION: &str = r#"{"user":{"sub":"auth0|ada","email":"ada@example.com"},"tokenSet":{"accessToken":"at_very_secret","refreshToken":"rt_very_secret"},"internal":{"sid":"sid_1","createdAt":1790000000,"sessionExpiresAt":1790050000,"mcd":{"domain":"tenant.example"}}}"#;

fn explain(header: &str, secret: &str, options: &[&str]) -> (i32, String) {
    let mut arguments = vec!["explain", "--cookie", "-"];
    arguments.extend(options);
    let (code, out, err) = run(&arguments, &[("AUTH0_SECRET", secret)], header.as_bytes());
    assert_eq!(err, "");
    (code, out)
}

#[test]
fn an_accepted_session_is_explained_and_no_token_is_shown() {
    let header = format!("Cookie: theme=dark; {}\r\n", seal(SECRET, SESSION));
    let (code, report) = explain(&header, SECRET, &["--now", NOW, "--domain", "tenant.example"]);
    assert_eq!(code, 0, "{report}");
    for said in ["Accepted", "auth0|ada", "email: 17 bytes", "accessToken: 14 characters", "in 1 d", "theme"]
    {
        assert!(report.contains(said), "{said}: {report}");
    }
    for never in ["very_secret", "ada@example.com", "sid_1", SECRET] {
        assert!(!report.contains(never), "{never}: {report}");
    }
}

#[test]
fn a_refusal_names_the_check_the_advice_and_what_comes_after() {
    let header = seal(SECRET, SESSION);
    let (code, report) = explain(&header, SECRET, &["--now", "1790090000", "--domain", "other.example"]);
    assert_eq!(code, 1, "{report}");
    let order = [
        "Refused: expired",
        "sign in again",
        "still refused: ceiling_reached",
        "still refused: domain_mismatch",
    ];
    let places: Vec<_> =
        order.iter().map(|said| report.find(said).unwrap_or_else(|| panic!("{said}: {report}"))).collect();
    assert!(places.is_sorted(), "{report}");
}

#[test]
fn a_secret_that_differs_in_white_space_is_recognised() {
    let header = seal(SECRET, SESSION);
    let (code, report) = explain(&header, &format!("{SECRET}\n"), &["--now", NOW]);
    assert_eq!(code, 1);
    assert!(report.contains("without the white space around it opens it"), "{report}");
    assert!(report.contains("white_space_around_secret"), "{report}");
    let header = seal(&format!("{SECRET}\n"), SESSION);
    let (_, report) = explain(&header, SECRET, &["--now", NOW]);
    assert!(report.contains("line break after it opens it"), "{report}");
}

#[test]
fn chunks_gaps_duplicates_and_another_name_are_seen() {
    let big = SESSION.replacen('{', &format!("{{\"blob\":\"{}\",", "x".repeat(12_000)), 1);
    let sealed = seal(SECRET, &big);
    let (code, report) = explain(&sealed, SECRET, &["--now", NOW]);
    assert_eq!(code, 0);
    assert!(report.contains("5 chunks") && report.contains("many_chunks"), "{report}");

    let gap: Vec<_> = sealed.split("; ").filter(|pair| !pair.starts_with("__session__1=")).collect();
    let (code, report) = explain(&gap.join("; "), SECRET, &["--now", NOW]);
    assert_eq!(code, 1);
    assert!(report.contains("incomplete_chunks") && report.contains("missing: 1"), "{report}");

    let whole = seal(SECRET, SESSION);
    let (code, report) = explain(&format!("__session=x; {whole}; {sealed}"), SECRET, &["--now", NOW]);
    assert_eq!(code, 0);
    assert!(report.contains("duplicate_cookies") && report.contains("stray_chunks"), "{report}");

    let (code, report) = explain(&whole.replacen("__session", "my_session", 1), SECRET, &["--now", NOW]);
    assert_eq!(code, 1);
    assert!(report.contains("sealed_elsewhere") && report.contains("my_session"), "{report}");
}

#[test]
fn an_old_and_a_weak_secret_are_told() {
    let header = seal("old", SESSION);
    let variables = [("AUTH0_SECRETS", &*format!("{SECRET},old"))];
    let (code, out, _) = run(&["explain", "--cookie", &header, "--now", NOW], &variables, b"");
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("old_secret: secret number 2") && out.contains("weak_secret"), "{out}");
    assert!(out.contains("opened by secret 2 of 2"), "{out}");
}

#[test]
fn a_store_cookie_without_its_store_is_recognised() {
    let line =
        format!(r#"{{"secret":"{SECRET}","now":{NOW},"session":{SESSION},"config":{{"kind":"stateful"}}}}"#);
    let (_, report) = explain(&common::cookie_header(&common::seal_line(&line)), SECRET, &["--now", NOW]);
    assert!(report.contains("store_cookie"), "{report}");
}

#[test]
fn hostile_headers_are_explained_without_harm_to_the_terminal() {
    let wild =
        b"__session=\x1b[2J\xff\x00; \x1b]0;x\x07=1; ;;;=;=; __session__999999999999=x; a\xe2\x80\xae=\r\n";
    let (code, out, _) = run(&["explain", "--cookie", "-"], &[("AUTH0_SECRET", SECRET)], wild);
    assert_eq!(code, 1);
    assert!(out.chars().all(|c| c == '\n' || !c.is_control()), "{out:?}");
    assert!(!out.contains('\u{202e}'), "{out:?}");
}

#[test]
fn wrong_calls_end_with_2_and_say_what_to_do() {
    for (arguments, told) in [
        (&[][..], "--help"),
        (&["explain", "--cooky", "x"], "--cookie"),
        (&["explain", "--cookie", "x", "--cookie-name", "a b"], "cookie name"),
        (&["seal"], "--json"),
    ] {
        let (code, out, err) = run(arguments, &[("AUTH0_SECRET", SECRET)], b"");
        assert_eq!((code, &*out), (2, ""), "{arguments:?}");
        assert!(err.contains(told), "{arguments:?}: {err}");
    }
    let (code, _, err) = run(&["explain", "--cookie", "x"], &[], b"");
    assert_eq!(code, 2);
    assert!(err.contains("AUTH0_SECRET"), "{err}");
    let (code, _, err) = run(&["explain", "--cookie", "x"], &[("AUTH0_SECRETS", "a,b,c,d,e")], b"");
    assert_eq!(code, 2);
    assert!(err.contains("at most 4"), "{err}");
}

#[test]
fn help_and_version_are_answers() {
    let (code, out, _) = run(&["--help"], &[], b"");
    assert!(code == 0 && out.contains("EXIT CODES"), "{out}");
    let (code, out, _) = run(&["--version"], &[], b"");
    assert!(code == 0 && out.starts_with("auth-doctor "), "{out}");
}
