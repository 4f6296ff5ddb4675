//! The judgement of a session by the demands of a handler. It is pure, and has an answer for every session.
//!
//! # What is not known
//!
//! Each question has three answers (Kleene's logic): yes, no, and that the session does not say. A claim that is
//! missing, that has another form than expected, or that is in a token that cannot be read meets neither a requirement
//! nor its opposite. So `not(roles("banned"))` refuses a session without roles: only a list of roles without `banned`
//! passes. There is one exception: a session without `org_id` belongs to no organization.
//!
//! # Which answer
//!
//! Rights are judged first (scopes, permissions, roles, claims, organization), then the sign-in (`acr`, `amr`,
//! `max_age`), each in the order written. Policies run last. Signing in again would not help a user who lacks a right,
//! so such a user is not asked to.
//!
//! The answer to `not` is `access_denied`. The answer to `any` is that of its first member which signing in again could
//! meet, or else that of its first member.
//!
//! A challenge names all demands on the new sign-in: each one outside of `any`, met or not, since it has to hold
//! afterwards too; and of an `any` that is not met, the members that signing in again could meet.

use super::requirement::{ClaimValue, Protection, Requirement, add_new};
use super::sources::{ClaimSource, ClaimSources, Lookup};
use super::step_up::StepUp;
use crate::json;
use crate::session::{JwtPayload, VerifiedSession};
use crate::time::Timestamp;

/// The requirement that a session does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// `not(..)` is not met, or the group that is not met is empty.
    AccessDenied,
    /// A claim with a certain value is lacking.
    Claims,
    /// A policy found nothing.
    NotFound,
    /// The session is not known to belong to an accepted organization.
    Organization,
    /// A permission is lacking.
    Permissions,
    /// A role is lacking.
    Roles,
    /// A scope is lacking. Holds all scopes that the handler needs.
    Scope(Vec<&'static str>),
    /// The sign-in is not recent or not strong enough. Holds the demands on a new one.
    UserAuthentication(StepUp),
}

/// Judges `session` by the `requirements` of a handler. Its policies are not asked.
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

/// The judgement of one session for one handler.
struct Evaluation<'s> {
    protection: &'s Protection,
    session: &'s VerifiedSession,
    sources: &'s ClaimSources,
    now: Timestamp,
}

impl<'s> Evaluation<'s> {
    /// Finds the requirement to refuse the session for: the first right that is lacking, or else the first requirement
    /// that is not met.
    fn first_unmet(&self, requirements: &'static [Requirement]) -> Option<&'static Requirement> {
        let is_unmet = |requirement: &Requirement| self.is_met(requirement) != Some(true);
        let lacks_right = |requirement: &Requirement| self.lacks_right(requirement);
        first_that(requirements, &lacks_right).or_else(|| first_that(requirements, &is_unmet))
    }

    /// Returns whether the requirement would stay unmet however the user signed in again.
    fn lacks_right(&self, requirement: &Requirement) -> bool {
        match requirement {
            Requirement::Acr(_) | Requirement::Amr(_) | Requirement::MaxAge(_) => false,
            // An empty group is never met, and signing in cannot change that.
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

    /// Returns whether the requirement is not met, and signing in again could change that.
    fn is_open(&self, requirement: &Requirement) -> bool {
        self.is_met(requirement) != Some(true) && !self.lacks_right(requirement)
    }

    /// Returns what the client is told of the unmet requirement.
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
                // The unmet scopes may be inside of an `any`, which `Protection::scopes` leaves out.
                add_new(unmet, &mut scopes);
                Refused::Scope(scopes)
            }
        }
    }

    /// Returns whether the session meets the requirement; `None` where the session does not say.
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
            // De Morgan: a member is met unless all members are known not to be.
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

    /// Returns whether the session holds all of the demanded names in a list of this claim.
    fn holds_list(&self, lookup: &Lookup, demanded: &[&str]) -> Option<bool> {
        holds_all(&texts(self.claim(&lookup.claim, &lookup.sources)?)?, demanded)
    }

    /// Returns whether the user was authenticated at most `max_age` seconds ago, by `auth_time` (OpenID Connect Core
    /// 1.0 §2). An `auth_time` ahead of the clock by more than the leeway does not say.
    fn is_fresh(&self, max_age: u64) -> Option<bool> {
        let auth_time = json::integer(self.claim("auth_time", &self.sources.authentication)?)?;
        let auth_time = Timestamp::from_unix(auth_time);
        if auth_time.as_unix() < 0 || auth_time > self.now.saturating_add(CLOCK_LEEWAY) {
            return None;
        }
        Some(self.now.seconds_since(auth_time) <= max_age)
    }

    /// Returns whether the user signed in to one of these organizations, or to any if the list is empty.
    fn is_in_organization(&self, accepted: &[&str]) -> Option<bool> {
        match self.find("org_id", USER) {
            // The one claim whose absence says something: the user belongs to no organization.
            Found::Nothing => Some(false),
            Found::Unreadable => None,
            Found::Value(raw) => {
                let org_id = text(raw).filter(|org_id| !org_id.is_empty())?;
                if accepted.is_empty() { Some(true) } else { is_one_of(&org_id, accepted) }
            }
        }
    }

    /// Returns the claim's raw JSON, if it is known.
    fn claim(&self, name: &str, sources: &[ClaimSource]) -> Option<&'s str> {
        match self.find(name, sources) {
            Found::Value(raw) => Some(raw),
            Found::Nothing | Found::Unreadable => None,
        }
    }

    /// Finds the claim in the first source that has it. A source that cannot be read ends the search, since it may have
    /// the claim.
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

    /// Returns the JSON object that a source holds.
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

/// Finds the first requirement of which `is_it` holds, also in `all(..)`: `a, all(b, c)` is the same as `a, b, c`.
fn first_that(
    requirements: &'static [Requirement],
    is_it: &impl Fn(&Requirement) -> bool,
) -> Option<&'static Requirement> {
    requirements.iter().find_map(|requirement| match requirement {
        Requirement::All(group) if !group.is_empty() => first_that(group, is_it),
        _ => is_it(requirement).then_some(requirement),
    })
}

/// The result of a look into the sources, with raw JSON.
enum Found<'s> {
    Nothing,
    Unreadable,
    Value(&'s str),
}

/// Returns Kleene's conjunction: one "no" makes it "no", even beside an unknown. Of no truths at all it is unknown.
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

/// Returns whether all demanded names are granted. An empty list cannot be judged, and the attribute refuses to be
/// written with one.
fn holds_all(granted: &[impl AsRef<str>], demanded: &[&str]) -> Option<bool> {
    let holds = |wanted: &&str| granted.iter().any(|own| own.as_ref() == *wanted);
    (!demanded.is_empty()).then(|| demanded.iter().all(holds))
}

/// Returns whether the value is accepted. An empty list cannot be judged here either.
fn is_one_of(own: &str, accepted: &[&str]) -> Option<bool> {
    (!accepted.is_empty()).then(|| accepted.contains(&own))
}

/// Returns whether both are equal as JSON values. A value of another type does not say, so it is not known to be
/// different.
fn equals(raw: &str, value: ClaimValue) -> Option<bool> {
    match value {
        ClaimValue::Bool(value) => serde_json::from_str::<bool>(raw).ok().map(|own| own == value),
        ClaimValue::Integer(value) => json::integer(raw).map(|own| own == value),
        ClaimValue::Text(value) => text(raw).map(|own| own == value),
    }
}

/// Reads a JSON string. One with half a surrogate pair is no text that could be compared.
fn text(raw: &str) -> Option<String> {
    serde_json::from_str(raw).ok()
}

/// Reads a JSON array that holds strings alone.
fn texts(raw: &str) -> Option<Vec<String>> {
    serde_json::from_str(raw).ok()
}

/// The sources of the user's own claims.
const USER: &[ClaimSource] = &[ClaimSource::SessionUser, ClaimSource::IdToken];

/// The seconds by which the provider's clock may be ahead of ours.
const CLOCK_LEEWAY: u64 = 60;
