//! Requirements: what a session must say for the handler to run.

use proc_macro2::TokenStream;
use syn::parse::ParseStream;
use syn::{Error, Ident, LitStr};

use super::claim::{ClaimValue, parse_claim};
use super::duration;
use super::group::{Place, parse_members, parse_not};
use super::list::{parse_list, parse_organizations};
use super::literal::{NO_CONSTANT, is_computed};
use super::syntax::{Assigned, as_written, rest_of_element};
use super::words::{Rule, Word};
use crate::diagnostics::Diagnostics;

/// A requirement, or a group of them.
#[derive(Clone)]
pub(crate) struct Requirement {
    /// The name of the option, where it was written.
    pub(crate) key: Ident,
    pub(crate) demand: Demand,
}

/// The demand of a requirement. The runtime's type `Requirement` says what each variant means.
#[derive(Clone)]
pub(crate) enum Demand {
    Acr(Vec<String>),
    All(Vec<Requirement>),
    Amr(Vec<String>),
    Any(Vec<Requirement>),
    Claim(String, ClaimValue),
    /// Highest age of the authentication, in seconds.
    MaxAge(u64),
    Not(Box<Requirement>),
    /// Ids of the organizations; empty for any organization.
    Org(Vec<String>),
    Permissions(Vec<String>),
    Roles(Vec<String>),
    Scopes(Vec<String>),
}

/// The options that are requirements.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Acr,
    All,
    Amr,
    Any,
    Claim,
    MaxAge,
    Not,
    Org,
    Permissions,
    Roles,
    Scopes,
}

impl Kind {
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "acr" => Self::Acr,
            "all" => Self::All,
            "amr" => Self::Amr,
            "any" => Self::Any,
            "claim" => Self::Claim,
            "max_age" => Self::MaxAge,
            "not" => Self::Not,
            "org" => Self::Org,
            "permissions" => Self::Permissions,
            "roles" => Self::Roles,
            "scopes" => Self::Scopes,
            _ => return None,
        })
    }

    /// Returns whether the requirement asks how or when the user was authenticated.
    pub(super) fn is_step_up(self) -> bool {
        matches!(self, Self::Acr | Self::Amr | Self::MaxAge)
    }

    /// Reads what follows the name `key` of this kind.
    pub(super) fn parse(
        self,
        key: &Ident,
        place: Place,
        input: ParseStream<'_>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<Requirement> {
        let demand = match self {
            Self::Acr => Demand::Acr(parse_list(&ACR, key, input, diagnostics)?),
            Self::All => Demand::All(parse_members(key, place, input, diagnostics)?),
            Self::Amr => Demand::Amr(parse_list(&AMR, key, input, diagnostics)?),
            Self::Any => Demand::Any(parse_members(key, place, input, diagnostics)?),
            Self::Claim => parse_claim(key, input, diagnostics)?,
            Self::MaxAge => Demand::MaxAge(parse_max_age(key, input)?),
            Self::Not => parse_not(key, place, input, diagnostics)?,
            Self::Org => Demand::Org(parse_organizations(&ORG, key, input, diagnostics)?),
            Self::Permissions => Demand::Permissions(parse_list(&PERMISSION, key, input, diagnostics)?),
            Self::Roles => Demand::Roles(parse_list(&ROLE, key, input, diagnostics)?),
            Self::Scopes => Demand::Scopes(parse_list(&SCOPE, key, input, diagnostics)?),
        };
        Ok(Requirement { key: key.clone(), demand })
    }
}

impl Requirement {
    /// Returns the requirements that this one is made of, when they all must be met.
    pub(crate) fn conjuncts(&self) -> Vec<&Self> {
        match &self.demand {
            Demand::All(members) => members.iter().flat_map(Self::conjuncts).collect(),
            _ => vec![self],
        }
    }

    /// Returns whether both demand the same; where they were written does not matter.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        let pairwise =
            |a: &[Self], b: &[Self]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b));
        match (&self.demand, &other.demand) {
            (Demand::Acr(a), Demand::Acr(b))
            | (Demand::Amr(a), Demand::Amr(b))
            | (Demand::Org(a), Demand::Org(b))
            | (Demand::Permissions(a), Demand::Permissions(b))
            | (Demand::Roles(a), Demand::Roles(b))
            | (Demand::Scopes(a), Demand::Scopes(b)) => {
                a.len() == b.len() && a.iter().all(|word| b.contains(word))
            }
            (Demand::All(a), Demand::All(b)) | (Demand::Any(a), Demand::Any(b)) => pairwise(a, b),
            (Demand::Claim(a, x), Demand::Claim(b, y)) => a == b && x == y,
            (Demand::MaxAge(a), Demand::MaxAge(b)) => a == b,
            (Demand::Not(a), Demand::Not(b)) => a.equals(b),
            _ => false,
        }
    }

    /// Returns whether a session that meets this requirement can't meet `not(denied)`.
    pub(crate) fn implies(&self, denied: &Self) -> bool {
        let holds_all =
            |required: &[String], denied: &[String]| denied.iter().all(|word| required.contains(word));
        match (&self.demand, &denied.demand) {
            (Demand::Permissions(required), Demand::Permissions(denied))
            | (Demand::Roles(required), Demand::Roles(denied))
            | (Demand::Scopes(required), Demand::Scopes(denied)) => holds_all(required, denied),
            // The user is in one of the required organizations, and all of those are denied.
            (Demand::Org(required), Demand::Org(denied)) => {
                denied.is_empty() || (!required.is_empty() && holds_all(denied, required))
            }
            _ => self.equals(denied),
        }
    }
}

/// Reads `max_age = "5m"`.
fn parse_max_age(key: &Ident, input: ParseStream<'_>) -> syn::Result<u64> {
    MAX_AGE.parse_equals(key, input)?;
    let rest = rest_of_element(input);
    let Ok(text) = input.parse::<LitStr>() else {
        let message = match write_max_age(&rest) {
            Some(write) => format!("`max_age` takes a duration in quotes: write `{write}`"),
            None if is_computed(&rest) => {
                format!("`max_age` takes a duration in quotes: write `max_age = \"...\"`, {NO_CONSTANT}")
            }
            None => format!("`max_age` takes a duration in quotes, such as `{}`", MAX_AGE.example),
        };
        return Err(Error::new_spanned(rest, message));
    };
    duration::parse(&text.value()).map_err(|message| Error::new(text.span(), message))
}

/// Returns the option with the duration that was written in the wrong way.
fn write_max_age(value: &TokenStream) -> Option<String> {
    let text =
        syn::parse2::<LitStr>(value.clone()).map_or_else(|_| as_written(value.clone()), |text| text.value());
    duration::meant(&text).map(|meant| format!("max_age = {meant:?}"))
}

const MAX_AGE: Assigned = Assigned { example: "max_age = \"5m\"", write: write_max_age };

const ACR: Word =
    Word { noun: "an `acr` value", rule: Rule::Token, is_one_of: true, example: "acr(\"phr\")" };
const AMR: Word =
    Word { noun: "an `amr` value", rule: Rule::Token, is_one_of: false, example: "amr(\"mfa\")" };
const ORG: Word =
    Word { noun: "an organization", rule: Rule::Name, is_one_of: true, example: "org(\"org_1\")" };
const PERMISSION: Word = Word {
    noun: "a permission",
    rule: Rule::Name,
    is_one_of: false,
    example: "permissions(\"reports:read\")",
};
const ROLE: Word = Word { noun: "a role", rule: Rule::Name, is_one_of: false, example: "roles(\"admin\")" };
const SCOPE: Word =
    Word { noun: "a scope", rule: Rule::Token, is_one_of: false, example: "scopes(\"read:reports\")" };
