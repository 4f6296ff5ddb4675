//! Secrets that documentation shows are no secrets, and settings that weaken a check are named.

use auth_runtime::codec::{Secret, Weakness};

use crate::{has_extension, read, tracked_files};

#[test]
fn key_06_a_secret_that_documentation_shows_is_refused() {
    let mut accepted = Vec::new();
    let mut seen = 0;
    for path in tracked_files() {
        let is_page = has_extension(&path, "md");
        if !is_page && !has_extension(&path, "rs") {
            continue;
        }
        for (number, line) in read(&path).lines().enumerate().filter(|(_, line)| is_page || is_doc(line)) {
            for text in secrets(line) {
                seen += 1;
                if Secret::new(text).weakness().is_none() {
                    accepted.push(format!("{path}:{}: {text}", number + 1));
                }
            }
        }
    }
    assert!(accepted.is_empty(), "add them to PRINTED_SECRETS, or print none:\n{}", accepted.join("\n"));
    assert!(seen > 0, "nothing was looked at: the documentation of `Secret` shows one");
}

/// Lines that examples hide are in the source for everybody to copy.
#[test]
fn key_06_what_was_shown_once_stays_refused() {
    for text in ["9f1c0d6a5be2774c83d1f0a2b4c6e8d7", "7d1f0a2b4c6e8d79f1c0d6a5be2774c8"] {
        assert_eq!(Secret::new(text).weakness(), Some(Weakness::Printed));
        let error = auth_runtime::Auth::builder().secret(text).build().unwrap_err();
        assert!(error.to_string().contains("printed in the documentation"), "{error}");
        assert!(!error.to_string().contains(text));
    }
}

fn is_doc(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("///") || line.starts_with("//!")
}

/// What could be taken for a secret: what is given to a name that says so, and any long run of letters and digits.
fn secrets(line: &str) -> Vec<&str> {
    let parts: Vec<_> = line.split('"').collect();
    let closed = parts.len().saturating_sub(1);
    let quoted = parts.into_iter().take(closed).skip(1).step_by(2);
    let quoted = quoted.filter(|_| line.to_ascii_lowercase().contains("secret"));
    let is_in_run = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    // Names of tests are long, too.
    let runs = line.split(|c: char| !is_in_run(c)).filter(|run| {
        let has = |is: fn(&u8) -> bool| run.bytes().any(|byte| is(&byte));
        let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
        has(u8::is_ascii_digit) && (is_mixed || run.bytes().all(|byte| byte.is_ascii_hexdigit()))
    });
    quoted.chain(runs).filter(|text| text.len() >= 32).collect()
}

#[test]
fn secrets_are_found_wherever_they_stand() {
    let text = "5d2b8e71c94f06a3be17d08c62f9a4e3";
    for line in
        [format!("/// # let secret = \"{text}\";"), format!("AUTH0_SECRET={text}"), format!("`{text}`")]
    {
        assert!(secrets(&line).contains(&text), "{line}");
    }
    assert_eq!(secrets("/// .secret(\"a phrase with spaces, long enough to be one\")").len(), 1);
    assert!(secrets("a_long_name_of_a_test_that_has_more_than_32_characters").is_empty());
}

#[test]
fn every_setting_that_weakens_a_check_is_named_at_start_up() {
    let named = read("auth-runtime/src/config/danger.rs");
    let mut settings = 0;
    for path in tracked_files() {
        if !path.starts_with("auth-runtime/src/config/") {
            continue;
        }
        for line in read(&path).lines() {
            let Some((_, rest)) = line.split_once("pub fn danger_") else { continue };
            let name = format!("danger_{}", rest.split('(').next().unwrap());
            settings += 1;
            assert!(named.contains(&format!("\"{name}\"")), "config/danger.rs does not name {name}");
        }
    }
    assert!(settings >= 5, "only {settings} were found");
}
