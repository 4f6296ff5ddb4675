//! The parameters of `/auth/login` that a visitor may set. Every other parameter of the query is ignored.

use url::form_urlencoded;

use super::failure::Failure;

/// The query of `/auth/login`, checked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LoginParameters {
    /// `returnTo` as received; [`ReturnTo`](super::return_to::ReturnTo) checks where it leads.
    pub(super) return_to: Option<String>,
    /// Highest age of the authentication, in seconds (OpenID Connect Core 1.0 §3.1.2.1).
    pub(super) max_age: Option<u64>,
    /// An organization's id or name.
    pub(super) organization: Option<String>,
    /// Parameters that the provider receives unchanged: name and value.
    pub(super) passed_on: Vec<(&'static str, String)>,
}

/// The limits on a parameter that is passed on: its length in bytes, and its characters.
struct Rule {
    name: &'static str,
    max_bytes: usize,
    permits: fn(char) -> bool,
}

impl LoginParameters {
    /// Reads the query. Of several values of a parameter the last one counts. An empty value counts as none, except
    /// that `max_age` must be a number.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidLogin`] with the name of a parameter whose value is too long, or has a character that the
    /// parameter cannot have.
    pub(super) fn parse(query: &str) -> Result<Self, Failure> {
        let mut found = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "returnTo" => found.return_to = Some(value.into_owned()),
                "max_age" => found.max_age = Some(seconds(&value)?),
                name => {
                    if let Some(rule) = RULES.iter().find(|rule| rule.name == name) {
                        found.put(rule, &value)?;
                    }
                }
            }
        }
        Ok(found)
    }

    fn put(&mut self, rule: &Rule, value: &str) -> Result<(), Failure> {
        if value.len() > rule.max_bytes || !value.chars().all(rule.permits) {
            return Err(Failure::InvalidLogin(rule.name));
        }
        let value = Some(value.to_owned()).filter(|value| !value.is_empty());
        if rule.name == ORGANIZATION {
            self.organization = value;
            return Ok(());
        }
        self.passed_on.retain(|(name, _)| *name != rule.name);
        self.passed_on.extend(value.map(|value| (rule.name, value)));
        Ok(())
    }

    /// Returns the further parameters of the authorization request: those of the configuration that the visitor did not
    /// set, those of the visitor, and the organization.
    pub(super) fn merged_with(
        &self,
        configured: &[(String, String)],
        organization: Option<&str>,
    ) -> Vec<(String, String)> {
        let is_said = |name: &str| self.passed_on.iter().any(|(said, _)| *said == name);
        let mut merged: Vec<_> = configured.iter().filter(|(name, _)| !is_said(name)).cloned().collect();
        merged.extend(self.passed_on.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        merged.extend(organization.map(|organization| (ORGANIZATION.to_owned(), organization.to_owned())));
        merged
    }
}

fn seconds(text: &str) -> Result<u64, Failure> {
    // `parse` alone would accept a leading `+`.
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number).ok_or(Failure::InvalidLogin("max_age"))
}

const ORGANIZATION: &str = "organization";

/// The parameters that are passed on. A stronger sign-in (RFC 9470 §4) or another language does no harm, so every
/// visitor may ask for it. The provider decides what it does with a hint.
const RULES: &[Rule] = &[
    // A list; as long as the path that a sign-in may return to.
    Rule { name: "acr_values", max_bytes: 2_048, permits: |c| matches!(c, ' '..='~') },
    Rule { name: "connection", max_bytes: 256, permits: |c| c.is_ascii_graphic() },
    Rule { name: "invitation", max_bytes: 512, permits: |c| c.is_ascii_graphic() },
    // An address, a telephone number or a name, in any script.
    Rule { name: "login_hint", max_bytes: 512, permits: |c| !c.is_control() },
    Rule { name: ORGANIZATION, max_bytes: 128, permits: |c| c.is_ascii_graphic() },
    Rule { name: "screen_hint", max_bytes: 128, permits: |c| c.is_ascii_graphic() },
    // Language tags (RFC 5646) with spaces between them.
    Rule {
        name: "ui_locales",
        max_bytes: 256,
        permits: |c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-'),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(query: &str) -> &'static str {
        match LoginParameters::parse(query) {
            Err(Failure::InvalidLogin(name)) => name,
            other => panic!("{query}: {other:?}"),
        }
    }

    #[test]
    fn rdr_17_what_is_not_on_the_list_is_dropped() {
        let query = "request=a&request_uri=a&response_mode=a&client_id=a&redirect_uri=a&state=a&nonce=a\
                     &code_challenge=a&scope=a&audience=a&prompt=none&dpop_jkt=a&Organization=a&RETURNTO=a";
        assert_eq!(LoginParameters::parse(query).unwrap(), LoginParameters::default());
    }

    #[test]
    fn rdr_17_what_is_on_the_list_is_kept() {
        let query = "returnTo=%2Fa&login_hint=ada%40example.com&screen_hint=signup&ui_locales=de-CH+en&connection=c\
                     &organization=org_1&invitation=i&acr_values=phr+phrh&max_age=300";
        let found = LoginParameters::parse(query).unwrap();
        assert_eq!(found.return_to.as_deref(), Some("/a"));
        assert_eq!(found.organization.as_deref(), Some("org_1"));
        assert_eq!(found.max_age, Some(300));
        let passed_on: Vec<_> = found.passed_on.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(
            passed_on,
            [
                ("login_hint", "ada@example.com"),
                ("screen_hint", "signup"),
                ("ui_locales", "de-CH en"),
                ("connection", "c"),
                ("invitation", "i"),
                ("acr_values", "phr phrh"),
            ]
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        for value in ["5m", "-1", "%2B1", "", "99999999999999999999", "1.0", "%EF%BC%91"] {
            assert_eq!(refused(&format!("max_age={value}")), "max_age", "{value}");
        }
        for rule in RULES {
            for value in ["%0D%0A", "%00", "a%7F", &"a".repeat(rule.max_bytes + 1)] {
                assert_eq!(refused(&format!("{}={value}", rule.name)), rule.name, "{value:.20}");
            }
        }
        assert_eq!(refused("organization=a%20b"), "organization");
        assert_eq!(refused("ui_locales=%3Cb%3E"), "ui_locales");
    }

    #[test]
    fn the_last_value_counts_and_an_empty_one_is_none() {
        let found = LoginParameters::parse("connection=a&connection=b&organization=x&organization=").unwrap();
        assert_eq!(found.passed_on, [("connection", "b".to_owned())]);
        assert_eq!(found.organization, None);
    }

    #[test]
    fn the_visitors_word_goes_before_that_of_the_configuration() {
        let found = LoginParameters::parse("connection=mine").unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let configured = [pair("connection", "default"), pair("prompt", "consent")];
        assert_eq!(
            found.merged_with(&configured, Some("org_1")),
            [pair("prompt", "consent"), pair("connection", "mine"), pair("organization", "org_1")]
        );
    }
}
