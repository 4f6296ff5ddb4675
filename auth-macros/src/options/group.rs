//! Groups of requirements: `any(..)`, `all(..)` and `not(..)`.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Error, Ident};

use super::expression::{Around, instead_of_operators, members, never_negated};
use super::literal::strings;
use super::names::{OPTIONS, REQUIREMENTS, starts_option, unknown};
use super::requirement::{Demand, Kind, Requirement};
use super::syntax::{parse_parentheses, parse_separated, rest_of_element};
use crate::diagnostics::Diagnostics;

/// The place of a requirement among groups.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Number of groups around the requirement.
    depth: usize,
    /// True if one of the groups is `not`.
    negated: bool,
}

impl Place {
    /// The place outside of all groups.
    pub(super) const OUTSIDE: Self = Self { depth: 0, negated: false };
}

/// Number of groups that may be nested, so that neither the macro nor the check of a request recurses without end.
const MAX_DEPTH: usize = 16;

/// Reads the members of `any` or `all`.
pub(super) fn parse_members(
    key: &Ident,
    place: Place,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<Vec<Requirement>> {
    let example = format!("{key}(scopes(\"read:reports\"), roles(\"admin\"))");
    Ok(parse_group(key, &example, place, input, diagnostics)?.members)
}

/// Reads `not` with its one requirement.
pub(super) fn parse_not(
    key: &Ident,
    place: Place,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<Demand> {
    let place = Place { negated: true, ..place };
    let mut group = parse_group(key, "not(roles(\"guest\"))", place, input, diagnostics)?;
    // `claim` with several pairs is several requirements in one member.
    let several_claims =
        |member: &Requirement| member.key == "claim" && matches!(member.demand, Demand::All(_));
    if group.written > 1 || group.members.iter().any(several_claims) {
        let message = "`not` takes one requirement: write `not(any(..))` if none of these may be met, or \
                       `not(all(..))` if they may not all be met";
        return Err(Error::new(group.parentheses, message));
    }
    Ok(match group.members.pop() {
        Some(member) => Demand::Not(Box::new(member)),
        // The member's mistake was reported. An empty `any` is never met.
        None => Demand::Any(Vec::new()),
    })
}

struct Group {
    members: Vec<Requirement>,
    /// Number of members as written, those with mistakes included.
    written: usize,
    parentheses: Span,
}

fn parse_group(
    key: &Ident,
    example: &str,
    place: Place,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<Group> {
    let place = Place { depth: place.depth.saturating_add(1), ..place };
    if place.depth > MAX_DEPTH {
        let message = format!("groups are nested more than {MAX_DEPTH} deep: write a `policy` instead");
        return Err(Error::new(key.span(), message));
    }
    let around = around(key);
    let write = |values: &TokenStream| Some(format!("{key}({})", members(values, around)?));
    let (parentheses, content) = parse_parentheses(key, input, example, &write)?;
    if content.is_empty() {
        return Err(Error::new(parentheses, format!("`{key}()` is empty: write `{example}`")));
    }
    let mut group = Group { members: Vec::new(), written: 0, parentheses };
    let instead = |element: &TokenStream| instead_of_operators(element, around);
    parse_separated(&content, diagnostics, starts_option, &instead, |input, diagnostics| {
        group.written = group.written.saturating_add(1);
        if !input.peek(Ident::peek_any) {
            let rest = rest_of_element(input);
            let message = instead(&rest).unwrap_or_else(|| no_requirement(key, example, &rest));
            return Err(Error::new_spanned(rest, message));
        }
        let member = Ident::parse_any(input)?;
        group.members.push(parse_member(key, &member, place, input, diagnostics)?);
        Ok(())
    });
    Ok(group)
}

fn parse_member(
    group: &Ident,
    key: &Ident,
    place: Place,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<Requirement> {
    let name = key.unraw().to_string();
    let Some(kind) = Kind::of(&name) else {
        return Err(Error::new(key.span(), never_in_a_group(group, &name)));
    };
    if place.negated && kind.is_step_up() {
        diagnostics.report(key.span(), never_negated(&name));
    }
    kind.parse(key, place, input, diagnostics)
}

/// Returns the place inside of a group.
fn around(key: &Ident) -> Around {
    if key == "any" {
        Around::Any
    } else if key == "all" {
        Around::All
    } else {
        Around::Not
    }
}

fn no_requirement(key: &Ident, example: &str, written: &TokenStream) -> String {
    match strings(written) {
        Some(list) => format!(
            "`{key}` takes requirements, and a string alone is none: write what demands it, such as `roles({list})`"
        ),
        None => format!("`{key}` takes requirements, as in `{example}`"),
    }
}

fn never_in_a_group(group: &Ident, name: &str) -> String {
    if OPTIONS.contains(&name) {
        return format!(
            "`{name}` is no requirement, so it can't stand in `{group}`: write it outside, beside `{group}(..)`"
        );
    }
    unknown("requirement", name, &REQUIREMENTS)
}
