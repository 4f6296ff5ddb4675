//! The demands on a new sign-in (RFC 9470).

use std::borrow::Cow;
use std::time::Duration;

use super::requirement::Requirement;

/// The way in which a user has to sign in again, in the terms of RFC 9470 §3. The default demands a new sign-in and
/// nothing else of it.
///
/// ```
/// use std::time::Duration;
/// use auth_runtime::policy::StepUp;
///
/// let step_up = StepUp::default()
///     .with_acr_values(["urn:example:gold", "urn:example:silver"])
///     .with_max_age(Duration::from_secs(300));
/// assert_eq!(step_up.acr_values().next(), Some("urn:example:gold"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct StepUp {
    acr_values: Vec<Cow<'static, str>>,
    max_age: Option<u64>,
}

impl StepUp {
    /// Sets the authentication context classes of which the sign-in has to reach one, the preferred one first
    /// (`acr_values`).
    ///
    /// The challenge leaves out a class that it cannot hold: an empty one, or one with a space or a character outside
    /// of printable ASCII.
    pub fn with_acr_values<T: Into<Cow<'static, str>>>(
        mut self,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        self.acr_values = values.into_iter().map(Into::into).collect();
        self
    }

    /// Sets how long ago the user may have been authenticated, in whole seconds (`max_age`). A part of a second is cut
    /// off.
    pub fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age.as_secs());
        self
    }

    /// Returns the authentication context classes, the preferred one first.
    pub fn acr_values(&self) -> impl Iterator<Item = &str> {
        self.acr_values.iter().map(|value| &**value)
    }

    /// Returns how long ago the user may have been authenticated.
    pub fn max_age(&self) -> Option<Duration> {
        self.max_age.map(Duration::from_secs)
    }

    /// Returns the demands on one sign-in after which all of these requirements are met; `None` where a sign-in would
    /// help with none of them.
    ///
    /// A demand that is met counts as well, since it has to hold after the sign-in too. Of an `any(..)`, the members
    /// count for which `is_open` says that signing in could meet them, and only if it says so of the group as well.
    pub(crate) fn for_all(
        requirements: &[Requirement],
        is_open: &impl Fn(&Requirement) -> bool,
    ) -> Option<Self> {
        let each = requirements.iter().filter_map(|requirement| Self::for_one(requirement, is_open));
        each.reduce(Self::and)
    }

    fn for_one(requirement: &Requirement, is_open: &impl Fn(&Requirement) -> bool) -> Option<Self> {
        match requirement {
            Requirement::Acr(accepted) => Some(Self::default().with_acr_values(accepted.iter().copied())),
            Requirement::All(group) => Self::for_all(group, is_open),
            // RFC 9470 has no parameter for methods, so the challenge only says that a new sign-in is needed.
            Requirement::Amr(_) => Some(Self::default()),
            Requirement::Any(group) if is_open(requirement) => {
                let open = group.iter().filter(|member| is_open(member));
                open.filter_map(|member| Self::for_one(member, is_open)).reduce(Self::or)
            }
            Requirement::MaxAge(seconds) => Some(Self { max_age: Some(*seconds), ..Self::default() }),
            Requirement::Any(_)
            | Requirement::Claim(..)
            | Requirement::Not(_)
            | Requirement::Org(_)
            | Requirement::Permissions(_)
            | Requirement::Roles(_)
            | Requirement::Scopes(_) => None,
        }
    }

    /// Joins two demands that must both hold. Only classes that both sides accept are kept, since the other side would
    /// refuse the rest. If there is no such class, all are kept, so that the challenge at least names them.
    pub(crate) fn and(self, other: Self) -> Self {
        // A side without classes accepts every class.
        if self.acr_values.is_empty() || other.acr_values.is_empty() {
            return self.or(other);
        }
        let is_common = |value: &&Cow<'static, str>| other.acr_values.contains(value);
        let common: Vec<_> = self.acr_values.iter().filter(is_common).cloned().collect();
        let both = self.or(other);
        if common.is_empty() { both } else { Self { acr_values: common, ..both } }
    }

    /// Joins two demands of which one is enough. The smaller age is recent enough for both.
    fn or(mut self, other: Self) -> Self {
        for value in other.acr_values {
            if !self.acr_values.contains(&value) {
                self.acr_values.push(value);
            }
        }
        let ages = [self.max_age, other.max_age];
        Self { max_age: ages.into_iter().flatten().min(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::Requirement::{Acr, All, Amr, Any, MaxAge, Not, Scopes};
    use super::*;

    #[test]
    fn s_step_1_one_challenge_names_all_that_the_handler_demands() {
        let cases: &[(&[Requirement], &[&str], Option<u64>)] = &[
            (&[Acr(&["gold", "silver"])], &["gold", "silver"], None),
            (&[MaxAge(600), MaxAge(300)], &[], Some(300)),
            (&[Acr(&["gold"]), Scopes(&["a"]), MaxAge(300)], &["gold"], Some(300)),
            // The preferred class would not do for both.
            (&[Acr(&["bronze", "gold"]), Acr(&["gold", "silver"])], &["gold"], None),
            (&[Acr(&["gold"]), Acr(&["silver"])], &["gold", "silver"], None),
            (&[Any(&[Acr(&["gold"]), All(&[Acr(&["silver"]), MaxAge(60)])])], &["gold", "silver"], Some(60)),
            (&[Amr(&["mfa"])], &[], None),
            (&[Not(&Acr(&["bronze"])), Acr(&["gold"])], &["gold"], None),
        ];
        for (requirements, acr_values, max_age) in cases {
            let step_up = StepUp::for_all(requirements, &|_| true).unwrap();
            assert_eq!(step_up.acr_values().collect::<Vec<_>>(), *acr_values, "{requirements:?}");
            assert_eq!(step_up.max_age, *max_age, "{requirements:?}");
        }
        assert_eq!(StepUp::for_all(&[Scopes(&["a"]), Not(&Acr(&["bronze"]))], &|_| true), None);
        assert_eq!(StepUp::for_all(&[Any(&[Acr(&["gold"])])], &|_| false), None);
    }
}
