//! The `WWW-Authenticate` challenge (RFC 6750 §3, RFC 9470 §3).

use http::HeaderValue;

use crate::policy::StepUp;

/// The protection space that challenges name, as a complete header value: `Bearer realm="…"`.
///
/// There is no `error` parameter: that is for a request that sent a token, and none was sent (RFC 6750 §3.1).
///
/// `None` stands for the default realm.
#[derive(Clone, Debug, Default)]
pub(crate) struct Realm(Option<HeaderValue>);

impl Realm {
    /// Quotes `realm`; `None` when it has a character that no header can hold.
    pub(crate) fn new(realm: &str) -> Option<Self> {
        let challenge = format!("Bearer realm={}", quoted(realm)?);
        Some(Self(Some(HeaderValue::from_str(&challenge).ok()?)))
    }

    /// Returns whether the service named no realm of its own.
    pub(super) fn is_default(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the challenge for a caller who is not signed in.
    pub(crate) fn challenge(&self) -> HeaderValue {
        self.0.clone().unwrap_or(HeaderValue::from_static("Bearer realm=\"api\""))
    }

    /// Returns the challenge that names the scopes which are needed (RFC 6750 §3.1).
    pub(super) fn insufficient_scope(&self, scopes: &[&str]) -> HeaderValue {
        self.with(&[("error", Some("insufficient_scope")), ("scope", space_delimited(scopes).as_deref())])
    }

    /// Returns the challenge that names the sign-in which is needed (RFC 9470 §3).
    pub(super) fn insufficient_user_authentication(
        &self,
        description: &str,
        step_up: &StepUp,
    ) -> HeaderValue {
        let acr_values: Vec<_> = step_up.acr_values().collect();
        let max_age = step_up.max_age().map(|max_age| max_age.as_secs().to_string());
        self.with(&[
            ("error", Some("insufficient_user_authentication")),
            ("error_description", Some(description)),
            ("acr_values", space_delimited(&acr_values).as_deref()),
            ("max_age", max_age.as_deref()),
        ])
    }

    /// Adds the parameters that have a value which a header can hold.
    fn with(&self, parameters: &[(&str, Option<&str>)]) -> HeaderValue {
        let mut challenge = self.challenge().to_str().unwrap_or_default().to_owned();
        for (name, value) in parameters {
            if let Some(value) = value.and_then(quoted) {
                for part in [", ", name, "=", &value] {
                    challenge.push_str(part);
                }
            }
        }
        // Every part is printable ASCII, so this always is a header value.
        HeaderValue::try_from(challenge).unwrap_or_else(|_| self.challenge())
    }
}

/// Writes a quoted string (RFC 9110 §5.6.4) of printable ASCII; `None` for other text, since other bytes have no agreed
/// meaning in a header.
fn quoted(text: &str) -> Option<String> {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            _ => return None,
        }
    }
    quoted.push('"');
    Some(quoted)
}

/// Joins the values with a space between them. A value with a space in it would be read as two, so it is left out, and
/// so is a value that no header can hold.
pub(crate) fn space_delimited(values: &[&str]) -> Option<String> {
    let is_one = |value: &&&str| !value.is_empty() && value.chars().all(|c| c.is_ascii_graphic());
    let list = values.iter().filter(is_one).copied().collect::<Vec<_>>().join(" ");
    (!list.is_empty()).then_some(list)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn inj_02_a_realm_is_quoted_or_refused() {
        let challenge = |realm| Realm::new(realm).map(|realm| realm.challenge());
        assert_eq!(challenge("my api").unwrap(), "Bearer realm=\"my api\"");
        assert_eq!(challenge("a\"b\\c, x=1").unwrap(), "Bearer realm=\"a\\\"b\\\\c, x=1\"");
        for bad in ["a\r\nb", "a\0b", "ä", "a\tb"] {
            assert!(challenge(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn s_6750_2_the_challenge_names_the_scopes() {
        let challenge = Realm::default().insufficient_scope(&["read:a", "write:a"]);
        assert_eq!(challenge, r#"Bearer realm="api", error="insufficient_scope", scope="read:a write:a""#);
    }

    #[test]
    fn s_step_1_the_challenge_names_class_and_age() {
        let step_up =
            StepUp::default().with_acr_values(["gold", "silver"]).with_max_age(Duration::from_secs(300));
        assert_eq!(
            Realm::default().insufficient_user_authentication("Sign in again", &step_up),
            r#"Bearer realm="api", error="insufficient_user_authentication", error_description="Sign in again", acr_values="gold silver", max_age="300""#
        );
        assert_eq!(
            Realm::default().insufficient_user_authentication("Sign in again", &StepUp::default()),
            r#"Bearer realm="api", error="insufficient_user_authentication", error_description="Sign in again""#
        );
    }

    #[test]
    fn s_step_1_no_class_breaks_out_of_its_parameter() {
        let acr_values = |values: &[&str]| {
            let step_up = StepUp::default().with_acr_values(values.iter().map(|value| (*value).to_owned()));
            let challenge = Realm::default().insufficient_user_authentication("x", &step_up);
            challenge.to_str().unwrap().split_once(", acr_values=").map(|(_, value)| value.to_owned())
        };
        assert_eq!(acr_values(&["a\", realm=\"b"]), None);
        assert_eq!(acr_values(&["a\",realm=\"b"]).unwrap(), r#""a\",realm=\"b""#);
        assert_eq!(acr_values(&["a\\", "b"]).unwrap(), r#""a\\ b""#);
        assert_eq!(acr_values(&["a\r\nSet-Cookie: x=1", "ä", "", "a b", "good"]).unwrap(), r#""good""#);
        assert_eq!(acr_values(&["a\r\nb", "\0"]), None);
    }
}
