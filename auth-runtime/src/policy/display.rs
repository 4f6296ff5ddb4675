//! The demands of a handler in the notation of the attribute.

use std::fmt;

use super::requirement::{ClaimValue, Protection, Requirement};

/// Writes the options, separated by commas; nothing where there are none.
///
/// ```
/// use auth_runtime::policy::{Protection, Requirement};
///
/// let requirements = &[Requirement::Scopes(&["read:posts"]), Requirement::MaxAge(300)];
/// let protection = Protection { requirements, ..Protection::SIGNED_IN };
/// assert_eq!(protection.to_string(), r#"scopes("read:posts"), max_age = "5m""#);
/// ```
impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = List::begin(f);
        for requirement in self.requirements {
            list.item(requirement)?;
        }
        for policy in self.policies {
            list.item(&format_args!("policy = {policy}"))?;
        }
        if self.optional {
            list.item(&"optional")?;
        }
        if self.login {
            list.item(&"login")?;
        }
        if let Some(cache) = self.cache {
            list.item(&format_args!("cache = {cache:?}"))?;
        }
        Ok(())
    }
}

/// Writes one option: `any(roles("editor"), claim("plan" = "team"))`.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acr(classes) => literals(f, "acr", classes),
            Self::All(group) => call(f, "all", group),
            Self::Amr(methods) => literals(f, "amr", methods),
            Self::Any(group) => call(f, "any", group),
            Self::Claim(name, value) => write!(f, "claim({name:?} = {value})"),
            Self::MaxAge(seconds) => {
                let (count, unit) = in_largest_unit(*seconds);
                write!(f, "max_age = \"{count}{unit}\"")
            }
            Self::Not(requirement) => write!(f, "not({requirement})"),
            Self::Org([]) => f.write_str("org"),
            Self::Org(organizations) => literals(f, "org", organizations),
            Self::Permissions(names) => literals(f, "permissions", names),
            Self::Roles(names) => literals(f, "roles", names),
            Self::Scopes(names) => literals(f, "scopes", names),
        }
    }
}

/// Writes the value as a literal: `true`, `7`, `"team"`.
impl fmt::Display for ClaimValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Text(value) => write!(f, "{value:?}"),
        }
    }
}

/// Writes a name with its arguments.
fn call(f: &mut fmt::Formatter<'_>, name: &str, arguments: &[impl fmt::Display]) -> fmt::Result {
    write!(f, "{name}(")?;
    let mut list = List::begin(f);
    for argument in arguments {
        list.item(argument)?;
    }
    f.write_str(")")
}

/// Writes a name with strings as its arguments.
fn literals(f: &mut fmt::Formatter<'_>, name: &str, values: &[&'static str]) -> fmt::Result {
    let literals: Vec<_> = values.iter().map(|value| ClaimValue::Text(value)).collect();
    call(f, name, &literals)
}

/// Returns the duration in the largest unit of the attribute that leaves no remainder.
fn in_largest_unit(seconds: u64) -> (u64, char) {
    for (length, unit) in [(86_400, 'd'), (3_600, 'h'), (60, 'm')] {
        if seconds > 0 && seconds.is_multiple_of(length) {
            return (seconds / length, unit);
        }
    }
    (seconds, 's')
}

/// A writer of items with commas between them.
struct List<'f, 'b> {
    f: &'f mut fmt::Formatter<'b>,
    is_first: bool,
}

impl<'f, 'b> List<'f, 'b> {
    fn begin(f: &'f mut fmt::Formatter<'b>) -> Self {
        Self { f, is_first: true }
    }

    fn item(&mut self, item: &dyn fmt::Display) -> fmt::Result {
        if !std::mem::take(&mut self.is_first) {
            self.f.write_str(", ")?;
        }
        write!(self.f, "{item}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_read_as_they_are_written() {
        let org = Requirement::Org(&[]);
        let cases = [
            (Requirement::Acr(&["a", "b"]), r#"acr("a", "b")"#),
            (Requirement::Amr(&["mfa"]), r#"amr("mfa")"#),
            (Requirement::Claim("plan", ClaimValue::Text("te\"am")), r#"claim("plan" = "te\"am")"#),
            (Requirement::Claim("level", ClaimValue::Integer(-3)), r#"claim("level" = -3)"#),
            (Requirement::Claim("beta", ClaimValue::Bool(true)), r#"claim("beta" = true)"#),
            (org, "org"),
            (Requirement::Org(&["org_1"]), r#"org("org_1")"#),
            (Requirement::Permissions(&["a"]), r#"permissions("a")"#),
            (
                Requirement::Any(&[
                    Requirement::Roles(&["editor"]),
                    Requirement::All(&[
                        Requirement::Not(&Requirement::Scopes(&["x"])),
                        Requirement::Org(&[]),
                    ]),
                ]),
                r#"any(roles("editor"), all(not(scopes("x")), org))"#,
            ),
        ];
        for (requirement, expected) in cases {
            assert_eq!(requirement.to_string(), expected);
        }
    }

    #[test]
    fn durations_keep_their_value_in_the_largest_unit() {
        let cases = [(0, "0s"), (59, "59s"), (60, "1m"), (90, "90s"), (7_200, "2h"), (86_400, "1d")];
        for (seconds, expected) in cases {
            assert_eq!(Requirement::MaxAge(seconds).to_string(), format!("max_age = \"{expected}\""));
        }
    }

    #[test]
    fn every_option_of_a_protection_is_shown() {
        let protection = Protection {
            requirements: &[Requirement::Scopes(&["a"])],
            policies: &["crate::Owner"],
            cache: Some("private, max-age=60"),
            login: true,
            optional: true,
        };
        let expected =
            r#"scopes("a"), policy = crate::Owner, optional, login, cache = "private, max-age=60""#;
        assert_eq!(protection.to_string(), expected);
        assert_eq!(Protection::SIGNED_IN.to_string(), "");
    }
}
