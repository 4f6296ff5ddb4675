//! Whether a session meets what a handler demands: pure, and total for whatever the session says.
//!
//! # What is not known
//!
//! Each question has three answers (Kleene's logic): yes, no, and that the session does not say. A claim that is
//! missing, that has another form than expected, or that lies in a token that cannot be read meets neither a
//! requirement nor its opposite. So `not(roles("banned"))` refuses a session without roles: only a list of roles
//! without `banned` lets it pass. One silence is eloquent: a session without `org_id` belongs to no organization.
//!
//! # Which answer
//!
//! Rights come first (scopes, permissions, roles, claims, organization), then the sign-in (`acr`, `amr`, `max_age`),
//! each in the order written; policies run last. Signing in again would not help somebody who lacks a right, so nobody
//! is sent there in vain. `not` answers with `access_denied`, and `any` with what its first member lacks, unless a
//! later one lacks no right: that one would be met by signing in again, so it answers.
//!
//! A challenge names all that the new sign-in has to achieve: every demand on it that stands outside of `any`, met or
//! not, since it has to hold afterwards too; and of an `any` that is not met, the members that lack no right.

use super::requirement::{ClaimValue, Protection, Requirement, add_new};
use super::sources::{ClaimSource, ClaimSources, Lookup};
use super::step_up::StepUp;
use crate::json;
use crate::session::{JwtPayload, VerifiedSession};
use crate::time::Timestamp;

/// What a session lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// What it should not have; or nothing that has a name of its own.
    AccessDenied,
    /// A claim with a certain value.
    Claims,
    /// An organization.
    Organization,
    /// A permission.
    Permissions,
    /// A role.
    Roles,
    /// A scope; with all scopes that the handler needs.
    Scope(Vec<&'static str>),
    /// A sign-in that is recent and strong enough.
    UserAuthentication(StepUp),
}

/// Judges `session` by the `requirements` of a handler; its policies are not asked.
pub(crate) fn evaluate(
    protection: &Protection,
    session: &VerifiedSession,
    sources: &ClaimSources,
    now: Timestamp,
) -> Result<(), Refused> {
    let evaluation = Evaluation { protection, session, sources, now };
    match evaluation.first_unmet(protection.requirements) {
        None => Ok(()),
        Some(unmet) => Err(evaluation.refusal(unmet)),
    }
}

struct Evaluation<'s> {
    protection: &'s Protection,
    session: &'s VerifiedSession,
    sources: &'s ClaimSources,
    now: Timestamp,
}

impl<'s> Evaluation<'s> {
    fn first_unmet(&self, requirements: &'static [Requirement]) -> Option<&'static Requirement> {
        let is_unmet = |requirement: &Requirement| self.is_met(requirement) != Some(true);
        let lacks_right = |requirement: &Requirement| self.lacks_right(requirement);
        first_that(requirements, &lacks_right).or_else(|| first_that(requirements, &is_unmet))
    }

    /// Returns whether it would stay unmet however the user signed in again.
    fn lacks_right(&self, requirement: &Requirement) -> bool {
        match requirement {
            Requirement::Acr(_) | Requirement::Amr(_) | Requirement::MaxAge(_) => false,
            Requirement::All(group) => group.is_empty() || group.iter().any(|inner| self.lacks_right(inner)),
            Requirement::Any(group) => group.iter().all(|inner| self.lacks_right(inner)),
            Requirement::Claim(..)
            | Requirement::Not(_)
            | Requirement::Org(_)
            | Requirement::Permissions(_)
            | Requirement::Roles(_)
            | Requirement::Scopes(_) => self.is_met(requirement) != Some(true),
        }
    }

    /// Returns whether it is not met, and signing in again could change that.
    fn is_open(&self, requirement: &Requirement) -> bool {
        self.is_met(requirement) != Some(true) && !self.lacks_right(requirement)
    }

    fn refusal(&self, unmet: &'static Requirement) -> Refused {
        match unmet {
            Requirement::Acr(_) | Requirement::Amr(_) | Requirement::MaxAge(_) => {
                let step_up =
                    StepUp::for_all(self.protection.requirements, &|requirement| self.is_open(requirement));
                Refused::UserAuthentication(step_up.unwrap_or_default())
            }
            Requirement::All(group) => match self.first_unmet(group) {
                Some(unmet) => self.refusal(unmet),
                None => Refused::AccessDenied,
            },
            Requirement::Any(group) => {
                match group.iter().find(|member| self.is_open(member)).or(group.first()) {
                    Some(member) => self.refusal(member),
                    None => Refused::AccessDenied,
                }
            }
            Requirement::Not(_) => Refused::AccessDenied,
            Requirement::Claim(..) => Refused::Claims,
            Requirement::Org(_) => Refused::Organization,
            Requirement::Permissions(_) => Refused::Permissions,
            Requirement::Roles(_) => Refused::Roles,
            Requirement::Scopes(unmet) => {
                let mut scopes = self.protection.scopes();
                add_new(unmet, &mut scopes);
                Refused::Scope(scopes)
            }
        }
    }

    /// `None`: the session does not say.
    fn is_met(&self, requirement: &Requirement) -> Option<bool> {
        let sources = self.sources;
        match *requirement {
            Requirement::Acr(accepted) => {
                is_one_of(&text(self.claim("acr", &sources.authentication)?)?, accepted)
            }
            Requirement::All(group) => all(group.iter().map(|inner| self.is_met(inner))),
            Requirement::Amr(demanded) => {
                holds_all(&texts(self.claim("amr", &sources.authentication)?)?, demanded)
            }
            // De Morgan: one of them holds unless all are known not to.
            Requirement::Any(group) => {
                all(group.iter().map(|inner| self.is_met(inner).map(|met| !met))).map(|none| !none)
            }
            Requirement::Claim(name, value) => equals(self.claim(name, USER)?, value),
            Requirement::MaxAge(max_age) => self.is_fresh(max_age),
            Requirement::Not(inner) => self.is_met(inner).map(|met| !met),
            Requirement::Org(accepted) => self.is_in_organization(accepted),
            Requirement::Permissions(demanded) => self.holds_list(&sources.permissions, demanded),
            Requirement::Roles(demanded) => self.holds_list(&sources.roles, demanded),
            Requirement::Scopes(demanded) => {
                let scope = text(self.claim(&sources.scopes.claim, &sources.scopes.sources)?)?;
                let granted: Vec<_> = scope.split(' ').collect();
                holds_all(&granted, demanded)
            }
        }
    }

    fn holds_list(&self, lookup: &Lookup, demanded: &[&str]) -> Option<bool> {
        holds_all(&texts(self.claim(&lookup.claim, &lookup.sources)?)?, demanded)
    }

    /// OpenID Connect Core 1.0 §2, `auth_time`: whole seconds. One that lies ahead by more than clocks differ was
    /// written by a clock that says nothing about ours.
    fn is_fresh(&self, max_age: u64) -> Option<bool> {
        let auth_time = json::integer(self.claim("auth_time", &self.sources.authentication)?)?;
        let auth_time = Timestamp::from_unix(auth_time);
        if auth_time.as_unix() < 0 || auth_time > self.now.saturating_add(CLOCK_LEEWAY) {
            return None;
        }
        Some(self.now.seconds_since(auth_time) <= max_age)
    }

    fn is_in_organization(&self, accepted: &[&str]) -> Option<bool> {
        match self.find("org_id", USER) {
            Found::Nothing => Some(false),
            Found::Unreadable => None,
            Found::Value(raw) => {
                let org_id = text(raw).filter(|org_id| !org_id.is_empty())?;
                if accepted.is_empty() { Some(true) } else { is_one_of(&org_id, accepted) }
            }
        }
    }

    /// The claim's raw JSON, if it is known.
    fn claim(&self, name: &str, sources: &[ClaimSource]) -> Option<&'s str> {
        match self.find(name, sources) {
            Found::Value(raw) => Some(raw),
            Found::Nothing | Found::Unreadable => None,
        }
    }

    /// The first source that has the claim at all decides, and so does one that might have it.
    fn find(&self, name: &str, sources: &[ClaimSource]) -> Found<'s> {
        for source in sources {
            match self.object(*source) {
                Found::Nothing => {}
                Found::Unreadable => return Found::Unreadable,
                Found::Value(object) => {
                    if let Some(raw) = json::member(object, name) {
                        return Found::Value(raw);
                    }
                }
            }
        }
        Found::Nothing
    }

    fn object(&self, source: ClaimSource) -> Found<'s> {
        let payload = match source {
            ClaimSource::AccessToken => self.session.access_token_payload(),
            ClaimSource::IdToken => self.session.id_token_payload(),
            ClaimSource::SessionUser => return Found::Value(self.session.document().user()),
            ClaimSource::TokenSet => return Found::Value(self.session.document().token_set()),
        };
        match payload {
            JwtPayload::Absent => Found::Nothing,
            JwtPayload::Claims(claims) => Found::Value(claims),
            JwtPayload::Unreadable => Found::Unreadable,
        }
    }
}

/// `all(..)` is no level of its own: `a, all(b, c)` is `a, b, c`.
fn first_that(
    requirements: &'static [Requirement],
    is_it: &impl Fn(&Requirement) -> bool,
) -> Option<&'static Requirement> {
    requirements.iter().find_map(|requirement| match requirement {
        Requirement::All(group) if !group.is_empty() => first_that(group, is_it),
        _ => is_it(requirement).then_some(requirement),
    })
}

/// What the sources say: raw JSON.
enum Found<'s> {
    Nothing,
    Unreadable,
    Value(&'s str),
}

/// Kleene's conjunction: one no is a no, whatever is unknown beside it. No group at all is nothing to go by.
fn all(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut outcome = None;
    let mut has_unknown = false;
    for truth in truths {
        match truth {
            Some(false) => return Some(false),
            Some(true) => outcome = Some(true),
            None => has_unknown = true,
        }
    }
    outcome.filter(|_| !has_unknown)
}

/// An empty list demands nothing that could be judged; the attribute refuses to be written so.
fn holds_all(granted: &[impl AsRef<str>], demanded: &[&str]) -> Option<bool> {
    let holds = |wanted: &&str| granted.iter().any(|own| own.as_ref() == *wanted);
    (!demanded.is_empty()).then(|| demanded.iter().all(holds))
}

/// The same holds of an empty list here.
fn is_one_of(own: &str, accepted: &[&str]) -> Option<bool> {
    (!accepted.is_empty()).then(|| accepted.contains(&own))
}

/// Equal as JSON values. A value of another type says nothing about this one, so it is no clear difference.
fn equals(raw: &str, value: ClaimValue) -> Option<bool> {
    match value {
        ClaimValue::Bool(value) => serde_json::from_str::<bool>(raw).ok().map(|own| own == value),
        ClaimValue::Integer(value) => json::integer(raw).map(|own| own == value),
        ClaimValue::Text(value) => text(raw).map(|own| own == value),
    }
}

/// A JSON string, exactly: one with half a surrogate pair is no text that could be compared.
fn text(raw: &str) -> Option<String> {
    serde_json::from_str(raw).ok()
}

/// A JSON array of strings and nothing else.
fn texts(raw: &str) -> Option<Vec<String>> {
    serde_json::from_str(raw).ok()
}

/// Where the user's own claims are.
const USER: &[ClaimSource] = &[ClaimSource::SessionUser, ClaimSource::IdToken];

/// How far the provider's clock may be ahead of ours, in seconds.
const CLOCK_LEEWAY: u64 = 60;
