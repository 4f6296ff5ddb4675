//! The requirements of one handler: the options merged, and checked against each other and against the handler.
//!
//! Rules that concern a single option stay in `options`; each rule here is a named function.

mod conflicts;
mod permitted;
mod place;

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt as _;
use syn::{Error, FnArg, Pat, PathArguments, Type};

use crate::diagnostics::Diagnostics;
use crate::item::Handler;
use crate::options::{Options, Policy, Requirement};

pub(crate) use self::permitted::{is_permitted, permitted};

/// The finished model of the attributes on one handler.
pub(crate) struct Requirements {
    /// Demands and settings of the options; `None` when the options demand a session and nothing more.
    pub(crate) protection: Option<Protection>,
    /// The state whose `FromRef` is to be probed.
    pub(crate) state: Option<Type>,
    /// True if no parameter binds `user`, so that the attribute does.
    pub(crate) implicit_user: bool,
    /// True if the handler has no parameter of its own and no policy, so that only the guard looks at the session
    /// before it.
    pub(crate) is_alone: bool,
    /// True if the options contradict each other about whether the implicit `user` is an `Option`.
    pub(crate) has_doubtful_user: bool,
    /// The parameter that holds the guard.
    pub(crate) guard: Ident,
    /// Number of the guard on the handler, from 1: a second attribute meets the guard of the first.
    pub(crate) number: usize,
}

/// The contents of the constant of the runtime's type of the same name.
pub(crate) struct Protection {
    pub(crate) requirements: Vec<Requirement>,
    pub(crate) policies: Vec<Policy>,
    pub(crate) cache: Option<String>,
    pub(crate) login: bool,
    pub(crate) optional: bool,
}

impl Requirements {
    /// Merges `options`, which belong to the attributes that concern the handler, from the outermost to the innermost.
    /// They add up, and where only one value can count, the innermost does. Reports what is wrong with them.
    pub(crate) fn of(options: &[&Options], handler: &Handler, diagnostics: &mut Diagnostics) -> Self {
        let (guard, number) = guard_name(handler);
        // A first attribute has put `user` into the body already.
        let implicit_user = !handler.starts_with("Guard") && !handler.binds("user");
        check_parameter_count(handler, implicit_user, diagnostics);
        let is_settled = check_optional(options, diagnostics);
        conflicts::check(options, diagnostics);
        let mut protection = Protection::of(options);
        if let Some(protection) = &mut protection {
            // A contradicted `optional` is dropped, so that the handler stays closed to callers without a session.
            protection.optional &= is_settled;
        }
        if protection.as_ref().is_some_and(|protection| protection.optional) {
            check_optional_user(handler, diagnostics);
        }
        // A policy sees the request, and may look for the session there.
        let has_policies = protection.as_ref().is_some_and(|protection| !protection.policies.is_empty());
        if !has_policies {
            permitted::check(&handler.signature, diagnostics);
        }
        let is_alone = handler.signature.inputs.is_empty() && !has_policies;
        let state = options.iter().rev().find_map(|options| options.state.clone());
        let has_doubtful_user = implicit_user && !is_settled;
        Self { protection, state, implicit_user, is_alone, has_doubtful_user, guard, number }
    }

    /// Reports options on a function that stands in an `impl` block, when the attribute is on the function alone: the
    /// block has no place for the type that carries the requirements. `Self` gives away that the function stands in
    /// one.
    pub(crate) fn check_place(&mut self, handler: &Handler, diagnostics: &mut Diagnostics) {
        if self.protection.is_none() {
            return;
        }
        if let Some(span) = place::find_self(handler) {
            let message = "the options need an item of their own, for which an `impl` block has no place: put \
                           `#[with_api_auth_required]` on the `impl` block too";
            diagnostics.report(span, message);
            self.protection = None;
        }
    }
}

impl Protection {
    fn of(options: &[&Options]) -> Option<Self> {
        let requirements = options.iter().flat_map(|options| &options.requirements);
        let protection = Self {
            requirements: requirements.flat_map(Requirement::conjuncts).cloned().collect(),
            policies: options.iter().flat_map(|options| options.policies.clone()).collect(),
            cache: options.iter().rev().find_map(|options| options.cache.clone()),
            login: options.iter().any(|options| options.login.is_some()),
            optional: options.iter().any(|options| options.optional.is_some()),
        };
        let Self { requirements, policies, cache, login, optional } = &protection;
        let says_something =
            !requirements.is_empty() || !policies.is_empty() || cache.is_some() || *login || *optional;
        says_something.then_some(protection)
    }
}

/// axum implements `Handler` for functions of at most this many parameters.
const MAX_PARAMETERS: usize = 16;

fn check_parameter_count(handler: &Handler, implicit_user: bool, diagnostics: &mut Diagnostics) {
    if implicit_user {
        check_count(handler, 2, "the guard and `user` make", diagnostics);
    } else {
        check_count(handler, 1, "the guard makes", diagnostics);
    }
}

/// Checks that axum can call a public handler, which requires nothing else.
pub(crate) fn check_public(handler: &Handler, diagnostics: &mut Diagnostics) {
    check_count(handler, 1, "the parameter that `#[public]` adds makes", diagnostics);
    permitted::check(&handler.signature, diagnostics);
}

fn check_count(handler: &Handler, added: usize, they_make: &str, diagnostics: &mut Diagnostics) {
    let written = handler.parameters();
    let total = written.saturating_add(added);
    if total <= MAX_PARAMETERS {
        return;
    }
    diagnostics.report(
        handler.signature.ident.span(),
        format!(
            "axum calls handlers with up to {MAX_PARAMETERS} parameters; this one has {written}, and {they_make} \
             {total}: take several extractors as one tuple, `(Path(id), Query(page)): (Path<u64>, Query<Page>)`, or \
             as one struct that derives `FromRequestParts`"
        ),
    );
}

/// Reports demands beside `optional`, which a caller without a session can't meet. Returns whether there are none.
fn check_optional(options: &[&Options], diagnostics: &mut Diagnostics) -> bool {
    let Some(optional) = options.iter().find_map(|options| options.optional) else { return true };
    let mut others: Vec<String> = Vec::new();
    for options in options {
        let requirements = options.requirements.iter().map(|requirement| requirement.key.to_string());
        let policy = options.policies.first().map(|_| "policy".to_owned());
        let login = options.login.map(|_| "login".to_owned());
        for name in requirements.chain(policy).chain(login) {
            let name = format!("`{name}`");
            if !others.contains(&name) {
                others.push(name);
            }
        }
    }
    if others.is_empty() {
        return true;
    }
    let others = others.join(", ");
    let message = format!(
        "`optional` admits a caller without a session, who would be refused by {others}: remove `optional`, or remove \
         {others}"
    );
    diagnostics.report(optional, message);
    false
}

/// Reports `user: User`, which would refuse the callers that `optional` admits.
fn check_optional_user(handler: &Handler, diagnostics: &mut Diagnostics) {
    for input in &handler.signature.inputs {
        let FnArg::Typed(typed) = input else { continue };
        let (Pat::Ident(binding), Type::Path(ty)) = (&*typed.pat, &*typed.ty) else { continue };
        let is_user =
            |last: &syn::PathSegment| last.ident == "User" && matches!(last.arguments, PathArguments::None);
        if binding.ident.unraw() == "user" && ty.path.segments.last().is_some_and(is_user) {
            let message = "with `optional` there may be no user: write `user: Option<User>`";
            diagnostics.report_syntax(Error::new_spanned(ty, message));
        }
    }
}

/// Returns `__auth`, or the first of `__auth2`, `__auth3`... that no parameter has: a second attribute meets the guard
/// of the first.
fn guard_name(handler: &Handler) -> (Ident, usize) {
    let site = Span::mixed_site();
    let mut name = "__auth".to_owned();
    let mut number = 1_usize;
    while handler.binds(&name) {
        number = number.saturating_add(1);
        name = format!("__auth{number}");
    }
    (Ident::new(&name, site), number)
}
