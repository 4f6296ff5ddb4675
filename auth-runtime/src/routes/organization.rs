//! The check that a user signed in to the requested organization.

use crate::json;

/// Returns whether the claims of an ID token name the requested organization. `requested` is an id, compared with
/// `org_id`, or a name, compared with `org_name` in any case of letters.
pub(super) fn is_of_organization(claims: &str, requested: &str) -> bool {
    let claim = |name| json::member(claims, name).and_then(json::string);
    let is_id = claim("org_id").is_some_and(|id| id == requested);
    // An id is never taken for a name: an attacker could choose a name that looks like another organization's id.
    let is_name = || {
        let may_be_name = !requested.starts_with(ID_PREFIX);
        may_be_name && claim("org_name").is_some_and(|name| name.to_lowercase() == requested.to_lowercase())
    };
    is_id || is_name()
}

/// The prefix of every organization id at Auth0.
const ID_PREFIX: &str = "org_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_or_a_name_must_be_the_one_that_was_asked_for() {
        let claims = r#"{"org_id":"org_1","org_name":"acme"}"#;
        for requested in ["org_1", "acme", "ACME"] {
            assert!(is_of_organization(claims, requested), "{requested}");
        }
        for requested in ["org_2", "ORG_1", "org_", "acm", "acme ", ""] {
            assert!(!is_of_organization(claims, requested), "{requested}");
        }
        assert!(!is_of_organization(r#"{"org_id":"org_2","org_name":"org_1"}"#, "org_1"));
    }

    #[test]
    fn an_organization_that_is_missing_or_no_text_is_not_the_one() {
        for claims in ["{}", r#"{"org_id":null}"#, r#"{"org_id":["org_1"]}"#, r#"{"org_name":{"org_1":1}}"#] {
            assert!(!is_of_organization(claims, "org_1"), "{claims}");
            assert!(!is_of_organization(claims, ""), "{claims}");
        }
    }
}
