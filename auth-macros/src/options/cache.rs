//! The `Cache-Control` of a handler's answers (RFC 9111 §5.2.2).

use proc_macro2::TokenStream;
use syn::LitStr;

use super::nearest::nearest;
use super::syntax::split_at_commas;

/// Returns the directives of `text` in one line as it is sent, or everything that is wrong with them.
pub(super) fn parse(text: &str) -> Result<String, Vec<String>> {
    let mut mistakes = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let directives: Vec<&str> = text.split(',').map(str::trim).collect();
    for directive in &directives {
        let name = directive.split_once('=').map_or(*directive, |(name, _)| name);
        if let Err(mistake) = check_directive(directive) {
            mistakes.push(mistake);
        } else if names.contains(&name) {
            mistakes.push(format!("`{name}` is written twice: keep one of them"));
        }
        names.push(name);
    }
    // After a forbidden or misspelt directive, this mistake may be only a consequence.
    if mistakes.is_empty() && !names.iter().any(|name| matches!(*name, "private" | "no-store")) {
        mistakes.push(format!(
            "an answer for one user must not be stored by a shared cache: write `cache = \"private, {}\"`",
            directives.join(", ")
        ));
    }
    if mistakes.is_empty() { Ok(directives.join(", ")) } else { Err(mistakes) }
}

/// Returns the option with directives that were written without quotes, or each in its own; `None` if they are not
/// valid.
pub(super) fn write(written: &TokenStream) -> Option<String> {
    let directives: Vec<String> = split_at_commas(written.clone())
        .into_iter()
        .map(|element| match syn::parse2::<LitStr>(element.clone()) {
            Ok(text) => text.value(),
            Err(_) => element.into_iter().map(|token| token.to_string()).collect(),
        })
        .collect();
    let valid = parse(&directives.join(", ")).ok()?;
    Some(format!("cache = {valid:?}"))
}

fn check_directive(directive: &str) -> Result<(), String> {
    if directive.is_empty() {
        return Err("a directive is missing: write `cache = \"private, max-age=60\"`".to_owned());
    }
    let (name, value) = match directive.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (directive, None),
    };
    if SHARED.contains(&name) {
        return Err(format!(
            "`{name}` is for shared caches, which must not store an answer for one user: remove it, and write \
             `private` or `no-store`"
        ));
    }
    if FLAGS.contains(&name) {
        return match value {
            None => Ok(()),
            Some(_) => Err(format!("`{name}` takes no value: write `{name}`")),
        };
    }
    if SECONDS.contains(&name) {
        return match value.map(is_seconds) {
            Some(true) => Ok(()),
            Some(false) => Err(format!("`{name}` takes whole seconds: write `{name}=60`")),
            None => Err(format!("`{name}` has no value: write its seconds, `{name}=60`")),
        };
    }
    let known: Vec<&'static str> = FLAGS.iter().chain(&SECONDS).chain(&SHARED).copied().collect();
    Err(match nearest(name.trim(), &known) {
        Some(near) => format!("unknown directive `{name}`: did you mean `{near}`?"),
        None => format!("unknown directive `{name}`: write `name` or `name=seconds`, separated by commas"),
    })
}

/// Returns whether the value is a `delta-seconds` (RFC 9111 §1.2.2) that every cache can hold.
fn is_seconds(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit())
        && value.parse::<u32>().is_ok_and(|seconds| seconds <= 1 << 31)
}

/// Directives without a value; `immutable` is RFC 8246.
const FLAGS: [&str; 7] =
    ["immutable", "must-revalidate", "must-understand", "no-cache", "no-store", "no-transform", "private"];

/// Directives with a number of seconds; those about stale answers are RFC 5861.
const SECONDS: [&str; 3] = ["max-age", "stale-if-error", "stale-while-revalidate"];

/// Directives that invite or address shared caches.
const SHARED: [&str; 3] = ["proxy-revalidate", "public", "s-maxage"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_sent_as_one_tidy_line() {
        for (text, sent) in [
            ("private", "private"),
            ("no-store", "no-store"),
            ("private,max-age=60", "private, max-age=60"),
            (" private ,  max-age=0 ", "private, max-age=0"),
            ("max-age=2147483648, immutable, private", "max-age=2147483648, immutable, private"),
            ("private, stale-while-revalidate=30", "private, stale-while-revalidate=30"),
            ("no-cache, must-revalidate, private", "no-cache, must-revalidate, private"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(sent), "{text}");
        }
    }

    #[test]
    fn what_is_not_for_one_user_or_not_a_directive_is_a_mistake() {
        for (text, said) in [
            ("", "a directive is missing"),
            ("private,", "a directive is missing"),
            ("public", "`public` is for shared caches"),
            ("public, max-age=60", "`public` is for shared caches"),
            ("private, s-maxage=60", "`s-maxage` is for shared caches"),
            ("private, proxy-revalidate", "`proxy-revalidate` is for shared caches"),
            ("private, public=x", "`public` is for shared caches"),
            ("max-age=60", "write `cache = \"private, max-age=60\"`"),
            ("no-cache", "write `cache = \"private, no-cache\"`"),
            ("private, max-age", "`max-age` has no value"),
            ("private, max-age=", "whole seconds"),
            ("private, max-age=1m", "whole seconds"),
            ("private, max-age=-1", "whole seconds"),
            ("private, max-age=+1", "whole seconds"),
            ("private, max-age= 1", "whole seconds"),
            ("private, max-age=\"1\"", "whole seconds"),
            ("private, max-age=2147483649", "whole seconds"),
            ("private=\"x\"", "`private` takes no value"),
            ("private, private", "`private` is written twice"),
            ("private, max-age=1, max-age=2", "`max-age` is written twice"),
            ("privat", "did you mean `private`?"),
            ("Private", "did you mean `private`?"),
            ("private, maxage=60", "did you mean `max-age`?"),
            ("private max-age=60", "unknown directive"),
            ("private, no-store\r\nset-cookie: a=b", "unknown directive"),
        ] {
            let mistakes = parse(text).expect_err(text);
            assert_eq!(mistakes.len(), 1, "{text}: {mistakes:?}");
            assert!(mistakes[0].contains(said), "{text}: {mistakes:?}");
        }
    }

    #[test]
    fn directives_without_their_quotes_are_put_in_quotes() {
        for (written, option) in [
            ("private", Some("cache = \"private\"")),
            ("\"private\", \"max-age=30\"", Some("cache = \"private, max-age=30\"")),
            ("private, max-age = 30", Some("cache = \"private, max-age=30\"")),
            ("no-store", Some("cache = \"no-store\"")),
            ("public", None),
            ("CACHE", None),
        ] {
            assert_eq!(write(&written.parse().unwrap()).as_deref(), option, "{written}");
        }
    }

    #[test]
    fn all_mistakes_are_found() {
        assert_eq!(parse("public, maxage=60, private, private=1, ").expect_err("five directives").len(), 4);
    }
}
