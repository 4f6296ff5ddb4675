//! Requirements that are written twice, or that no session can meet together.

use syn::Error;

use crate::diagnostics::Diagnostics;
use crate::options::{Demand, Options, Requirement};

/// A requirement, and the number of the attribute that it stands in: a module and its function may demand the same.
type Member<'a> = (usize, &'a Requirement);

/// Reports requirements that contradict each other, and repetitions in one attribute.
pub(super) fn check(options: &[&Options], diagnostics: &mut Diagnostics) {
    let mut members: Vec<Member<'_>> = Vec::new();
    for (layer, options) in options.iter().enumerate() {
        let conjuncts = options.requirements.iter().flat_map(Requirement::conjuncts);
        members.extend(conjuncts.map(|requirement| (layer, requirement)));
        check_policies(options, diagnostics);
    }
    check_conjunction(&members, diagnostics);
}

/// Checks `members`, which must all be met.
fn check_conjunction(members: &[Member<'_>], diagnostics: &mut Diagnostics) {
    for (position, member) in members.iter().enumerate() {
        let (_, requirement) = member;
        if let Some(message) = members.iter().take(position).find_map(|earlier| conflict(earlier, member)) {
            diagnostics.report(requirement.key.span(), message);
        }
        check_group(requirement, diagnostics);
    }
}

fn check_group(requirement: &Requirement, diagnostics: &mut Diagnostics) {
    match &requirement.demand {
        Demand::Any(members) => {
            for (position, member) in members.iter().enumerate() {
                if members.iter().take(position).any(|earlier| earlier.equals(member)) {
                    diagnostics.report(member.key.span(), written_twice(member));
                }
                check_alone(member, diagnostics);
            }
        }
        Demand::Not(operand) => check_alone(operand, diagnostics),
        _ => {}
    }
}

fn check_alone(requirement: &Requirement, diagnostics: &mut Diagnostics) {
    let members: Vec<Member<'_>> = requirement.conjuncts().into_iter().map(|member| (0, member)).collect();
    check_conjunction(&members, diagnostics);
}

/// Returns why both can't be meant; `None` if they can.
fn conflict((first_layer, first): &Member<'_>, (second_layer, second): &Member<'_>) -> Option<String> {
    if first_layer == second_layer && first.equals(second) {
        return Some(written_twice(second));
    }
    if let (Demand::Claim(name, value), Demand::Claim(other_name, other_value)) =
        (&first.demand, &second.demand)
        && name == other_name
        && value != other_value
    {
        return Some(format!(
            "the claim {name:?} can't have two values: write `any(claim(..), claim(..))` if each of them will do"
        ));
    }
    let denied = denied_by(first, second).or_else(|| denied_by(second, first))?;
    Some(format!(
        "`not({0}(..))` refuses what `{0}(..)` demands, so the handler could never run: remove one of them",
        denied.key
    ))
}

/// Returns what `not` refuses although the other requirement demands it.
fn denied_by<'a>(not: &'a Requirement, other: &Requirement) -> Option<&'a Requirement> {
    match &not.demand {
        Demand::Not(denied) if other.implies(denied) => Some(denied),
        _ => None,
    }
}

fn written_twice(requirement: &Requirement) -> String {
    match &requirement.demand {
        Demand::Claim(name, _) => format!("the claim {name:?} is written twice: keep one of them"),
        _ => format!("the same `{}` is written twice: keep one of them", requirement.key),
    }
}

/// Reports a policy that one attribute names twice.
fn check_policies(options: &Options, diagnostics: &mut Diagnostics) {
    let mut names = Vec::new();
    for policy in &options.policies {
        let name = &policy.written;
        if names.contains(&name) {
            let message = format!("the policy `{name}` is written twice: keep one of them");
            diagnostics.report_syntax(Error::new_spanned(&policy.ty, message));
        }
        names.push(name);
    }
}
