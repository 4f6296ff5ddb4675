//! The names of the options.

use syn::Ident;
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Token, token};

use super::nearest::nearest;

/// All options. The table in the documentation of the attribute has a row for each.
pub(crate) const OPTIONS: [&str; 17] = [
    "acr",
    "all",
    "amr",
    "any",
    "cache",
    "claim",
    "crate",
    "login",
    "max_age",
    "not",
    "optional",
    "org",
    "permissions",
    "policy",
    "roles",
    "scopes",
    "state",
];

/// Options that demand something of the session, and may stand in a group.
pub(super) const REQUIREMENTS: [&str; 11] =
    ["acr", "all", "amr", "any", "claim", "max_age", "not", "org", "permissions", "roles", "scopes"];

/// Requirements that ask how or when the user was authenticated, and can't stand in `not`.
pub(super) const STEP_UPS: [&str; 3] = ["acr", "amr", "max_age"];

/// Options that may be written several times in one attribute.
pub(super) const REPEATABLE: [&str; 5] = ["all", "any", "claim", "not", "policy"];

/// Options that take a list, in which the words of a second option of the name would fit.
pub(super) const LISTS: [&str; 6] = ["acr", "amr", "org", "permissions", "roles", "scopes"];

/// Returns whether an option starts here for certain.
pub(super) fn starts_option(input: ParseStream<'_>) -> bool {
    let Ok(name) = input.fork().call(Ident::parse_any) else { return false };
    input.peek2(Token![=]) || input.peek2(token::Paren) || OPTIONS.iter().any(|known| name.unraw() == known)
}

/// Returns the message for a name that is no option, with the most likely one of `candidates`.
pub(super) fn unknown(what: &str, name: &str, candidates: &[&'static str]) -> String {
    let meant = SYNONYMS.iter().find(|(synonym, _)| *synonym == name).map(|(_, meant)| *meant);
    if let Some(meant) = meant.or_else(|| nearest(name, candidates)) {
        return format!("unknown {what} `{name}`: did you mean `{meant}`?");
    }
    let known: Vec<String> = candidates.iter().map(|known| format!("`{known}`")).collect();
    format!("unknown {what} `{name}`: the {what}s are {}", known.join(", "))
}

/// Other words for an option, which are no misspellings of its name.
const SYNONYMS: [(&str, &str); 4] =
    [("and", "all"), ("max_auth_age", "max_age"), ("or", "any"), ("organization", "org")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_name_is_an_option() {
        let lists = [&REQUIREMENTS[..], &STEP_UPS, &REPEATABLE, &LISTS];
        for name in lists.into_iter().flatten().chain(SYNONYMS.iter().map(|(_, meant)| meant)) {
            assert!(OPTIONS.contains(name), "{name}");
        }
        assert!(OPTIONS.is_sorted());
    }

    #[test]
    fn a_known_word_for_the_same_thing_is_understood() {
        assert_eq!(unknown("option", "or", &OPTIONS), "unknown option `or`: did you mean `any`?");
    }

    #[test]
    fn a_name_near_to_nothing_gets_them_all() {
        let message = unknown("option", "colour", &OPTIONS);
        assert!(OPTIONS.iter().all(|name| message.contains(&format!("`{name}`"))), "{message}");
    }
}
