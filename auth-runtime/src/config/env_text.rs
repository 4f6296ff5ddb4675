//! The rule that the text of every environment variable has to keep: no quotation mark at its ends, and no line break. A
//! secret may have such a mark at one end, where a password generator put it.
//!
//! A shell removes the quotation marks of `NAME="value"`. Other readers of such a line keep them, and a file that ends
//! in a line break may pass it on. Either one would silently become a part of a secret or of a URL.

use super::problem::ConfigProblem;

/// Returns the text that was most likely meant, so that the other checks say what else is wrong with it. Adds the
/// problems of the text as it is.
pub(super) fn meant(variable: &'static str, text: &str, problems: &mut Vec<ConfigProblem>) -> String {
    let mut add = |problem: ConfigProblem| {
        // A variable may be read for two settings.
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    };
    let unbroken = if SEVERAL_LINES.contains(&variable) {
        text
    } else {
        if text.contains(LINE_BREAKS) {
            add(ConfigProblem::LineBreak { variable });
        }
        text.trim_matches(LINE_BREAKS)
    };
    let outer = unbroken.trim();
    let unquoted = match variable {
        "AUTH0_SECRETS" => without_pairs(outer),
        _ if SECRETS.contains(&variable) => without_pair(outer).map(str::to_owned),
        _ => {
            let is_quoted = outer.starts_with(QUOTATION_MARKS) || outer.ends_with(QUOTATION_MARKS);
            is_quoted.then(|| outer.trim_matches(QUOTATION_MARKS).to_owned())
        }
    };
    let Some(unquoted) = unquoted else { return unbroken.to_owned() };
    add(ConfigProblem::Quoted { variable });
    unquoted
}

/// Returns the secrets without the quotation marks around each of them, or around all; `None` if there are none.
fn without_pairs(secrets: &str) -> Option<String> {
    let each: Vec<_> = secrets.split(',').map(|secret| (secret, without_pair(secret.trim()))).collect();
    if each.iter().all(|(_, unquoted)| unquoted.is_none()) {
        return without_pair(secrets).map(str::to_owned);
    }
    let meant: Vec<_> = each.into_iter().map(|(secret, unquoted)| unquoted.unwrap_or(secret)).collect();
    Some(meant.join(","))
}

/// Returns the text inside of a pair of quotation marks.
fn without_pair(text: &str) -> Option<&str> {
    let inside = |(opening, closing)| text.strip_prefix(opening)?.strip_suffix(closing);
    PAIRS.iter().copied().find_map(inside)
}

/// The variables with a secret, in which every character may be part of the secret: only a pair of quotation marks is
/// surely around it.
const SECRETS: &[&str] = &["AUTH0_SECRET", "AUTH0_CLIENT_SECRET"];

/// The variables whose text has several lines: a key in PEM.
const SEVERAL_LINES: &[&str] = &["AUTH0_CLIENT_ASSERTION_SIGNING_KEY"];

const LINE_BREAKS: &[char] = &['\n', '\r'];

/// The quotation marks of shells, and those that word processors put in their place.
const QUOTATION_MARKS: &[char] = &['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}'];

/// The quotation marks that make a pair.
const PAIRS: &[(char, char)] =
    &[('"', '"'), ('\'', '\''), ('`', '`'), ('\u{201c}', '\u{201d}'), ('\u{2018}', '\u{2019}')];

#[cfg(test)]
mod tests {
    use super::super::builder::AuthBuilder;
    use super::*;

    const SECRET: &str = "c4e19b7250fd83a6e8b1d70f42956acb";

    /// Each variable that every service reads, with a value that is right.
    const VARIABLES: &[(&str, &str)] = &[
        ("AUTH0_SECRET", SECRET),
        ("AUTH0_SECRETS", SECRET),
        ("AUTH0_PREVIOUS_SECRETS_UNTIL", "1790000000"),
        ("AUTH0_DOMAIN", "tenant.eu.auth0.com"),
        ("APP_BASE_URL", "https://app.example.com"),
        ("AUTH0_COOKIE_DOMAIN", "example.com"),
        ("AUTH0_COOKIE_PATH", "/"),
        ("AUTH0_COOKIE_SAME_SITE", "lax"),
        ("AUTH0_COOKIE_SECURE", "true"),
        ("AUTH0_COOKIE_TRANSIENT", "true"),
        ("AUTH0_SHARED_WITH_NEXTJS", "true"),
        ("AUTH0_ALLOW_INSECURE_REQUESTS", "false"),
        ("AUTH0_TRUSTED_ORIGINS", "https://a.example.com,https://b.example.com"),
        ("NEXT_PUBLIC_BASE_PATH", "/shop"),
        ("NEXT_PUBLIC_LOGIN_ROUTE", "/sign-in"),
    ];

    #[cfg(feature = "oidc")]
    const OF_OWNER: &[(&str, &str)] = &[
        ("AUTH0_CLIENT_ID", "id"),
        ("AUTH0_CLIENT_SECRET", "client secret"),
        ("AUTH0_CLIENT_ASSERTION_SIGNING_ALG", "ES256"),
        ("AUTH0_AUDIENCE", "https://api.example.com"),
        ("AUTH0_SCOPE", "openid"),
        ("NEXT_PUBLIC_PROFILE_ROUTE", "/me"),
        ("NEXT_PUBLIC_ACCESS_TOKEN_ROUTE", "/token"),
    ];

    #[cfg(not(feature = "oidc"))]
    const OF_OWNER: &[(&str, &str)] = &[];

    /// The problems of the text that this variable has.
    fn problems(variable: &str, value: &str) -> Vec<ConfigProblem> {
        let find = |name: &str| match name {
            _ if name == variable => Some(value.to_owned()),
            "AUTH0_SECRET" if variable != "AUTH0_SECRETS" => Some(SECRET.to_owned()),
            _ => None,
        };
        let problems =
            AuthBuilder::default().lookup(find).check().err().map(|error| error.problems().to_vec());
        // A setting of an owner lacks the others, which is not of interest here.
        let is_of_text = |problem: &ConfigProblem| {
            !matches!(problem, ConfigProblem::Missing { .. } | ConfigProblem::ClientAssertionKey { .. })
        };
        problems.unwrap_or_default().into_iter().filter(is_of_text).collect()
    }

    #[test]
    fn every_variable_is_refused_with_quotes_or_a_line_break_and_named() {
        for (variable, value) in VARIABLES.iter().chain(OF_OWNER) {
            assert_eq!(problems(variable, value), [], "{variable}");
            let quoted = [ConfigProblem::Quoted { variable }];
            for (before, after) in
                [("\"", "\""), ("'", "'"), ("`", "`"), ("\u{201c}", "\u{201d}"), (" \"", "\" ")]
            {
                let found = problems(variable, &format!("{before}{value}{after}"));
                assert_eq!(found, quoted, "{variable} {before}{after}");
            }
            // A password generator may put one at the end of a secret.
            let is_secret = ["AUTH0_SECRET", "AUTH0_SECRETS", "AUTH0_CLIENT_SECRET"].contains(variable);
            for (before, after) in [("'", ""), ("", "\""), ("'", "\""), ("\u{201d}", "\u{201c}")] {
                let found = problems(variable, &format!("{before}{value}{after}"));
                let expected = if is_secret { &[] } else { &quoted[..] };
                assert_eq!(found, expected, "{variable} {before}{after}");
            }
            let broken = [ConfigProblem::LineBreak { variable }];
            for (before, after) in [("", "\n"), ("", "\r"), ("", "\r\n"), ("\n", "")] {
                assert_eq!(
                    problems(variable, &format!("{before}{value}{after}")),
                    broken,
                    "{variable} {after:?}"
                );
            }
            let both = [ConfigProblem::LineBreak { variable }, ConfigProblem::Quoted { variable }];
            assert_eq!(problems(variable, &format!("\"{value}\"\n")), both, "{variable}");
            assert!(quoted[0].to_string().starts_with(&format!("{variable} ")), "{}", quoted[0]);
            assert!(broken[0].to_string().starts_with(&format!("{variable} ")), "{}", broken[0]);
        }
    }

    #[test]
    fn a_line_break_inside_and_a_quote_inside_are_told_apart() {
        let broken = [ConfigProblem::LineBreak { variable: "AUTH0_SECRET" }];
        assert_eq!(problems("AUTH0_SECRET", "c4e19b7250fd83a6\ne8b1d70f42956acb"), broken);
        // A password generator may put one there.
        assert_eq!(problems("AUTH0_SECRET", "c4e19b7250fd83a6\"e8b1d70f4'956acb"), []);
    }

    #[test]
    fn a_quote_around_any_secret_of_several_is_found() {
        const OTHER: &str = "71d5e0c93a8f46b2b90e6c7fd1482a35";
        let variable = "AUTH0_SECRETS";
        let meant = |text: &str| meant(variable, text, &mut Vec::new());
        for text in [
            format!("\"{SECRET}\",\"{OTHER}\""),
            format!("{SECRET},'{OTHER}'"),
            format!("`{SECRET}`,{OTHER}"),
            format!("\"{SECRET},{OTHER}\""),
        ] {
            assert_eq!(problems(variable, &text), [ConfigProblem::Quoted { variable }], "{text}");
            assert_eq!(meant(&text), format!("{SECRET},{OTHER}"));
        }
        assert_eq!(
            problems(variable, &format!("{SECRET}, \"{OTHER}\" ")),
            [ConfigProblem::Quoted { variable }]
        );
        assert_eq!(problems(variable, &format!("{SECRET}',{OTHER}\"")), []);
        // A mark alone is no pair.
        assert_eq!(meant("\""), "\"");
    }

    #[cfg(feature = "oidc")]
    #[test]
    fn a_key_has_lines() {
        let variable = "AUTH0_CLIENT_ASSERTION_SIGNING_KEY";
        let pem = "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n";
        assert_eq!(problems(variable, pem), []);
        assert_eq!(problems(variable, &format!("\"{pem}\"")), [ConfigProblem::Quoted { variable }]);
    }

    #[test]
    fn every_variable_of_the_tables_is_tried_here() {
        let read = std::cell::RefCell::new(std::collections::BTreeSet::new());
        let note = |name: &str| {
            read.borrow_mut().insert(name.to_owned());
            None
        };
        drop(AuthBuilder::default().lookup(note));
        let tried = VARIABLES.iter().chain(OF_OWNER).map(|(name, _)| (*name).to_owned());
        let mut tried: std::collections::BTreeSet<_> = tried.collect();
        tried.extend(SEVERAL_LINES.iter().map(|name| (*name).to_owned()).filter(|_| cfg!(feature = "oidc")));
        assert_eq!(*read.borrow(), tried);
    }
}
