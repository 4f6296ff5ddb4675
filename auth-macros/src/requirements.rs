//! What one handler requires: the options merged, and checked against each other and against the handler.
//!
//! Rules that concern a single option stay in `options.rs`; each rule here is a named function.

use proc_macro2::{Ident, Span};
use syn::Type;

use crate::diagnostics::Diagnostics;
use crate::item::Handler;
use crate::options::Options;

/// The finished model of one attribute on one handler.
pub(crate) struct Requirements {
    /// The state whose `FromRef` is to be probed.
    pub(crate) state: Option<Type>,
    /// No parameter binds `user`, so one is added.
    pub(crate) implicit_user: bool,
    /// The parameter that holds the guard.
    pub(crate) guard: Ident,
}

impl Requirements {
    pub(crate) fn of(options: &Options, handler: &Handler, diagnostics: &mut Diagnostics) -> Self {
        let implicit_user = !handler.binds("user");
        check_parameter_count(handler, implicit_user, diagnostics);
        Self { state: options.state.value().cloned(), implicit_user, guard: guard_name(handler) }
    }
}

/// axum implements `Handler` for functions of at most this many parameters.
const MAX_PARAMETERS: usize = 16;

fn check_parameter_count(handler: &Handler, implicit_user: bool, diagnostics: &mut Diagnostics) {
    let written = handler.parameters();
    let total = written.saturating_add(1).saturating_add(usize::from(implicit_user));
    if total <= MAX_PARAMETERS {
        return;
    }
    let added = if implicit_user { "the guard and `user` make" } else { "the guard makes" };
    diagnostics.report(
        handler.signature.ident.span(),
        format!(
            "axum calls handlers with up to {MAX_PARAMETERS} parameters; this one has {written}, and {added} \
             {total}: take several extractors as one tuple, `(Path(id), Query(page)): (Path<u64>, Query<Page>)`, or \
             as one struct that derives `FromRequestParts`"
        ),
    );
}

/// `__auth`, or the first of `__auth2`, `__auth3`... that no parameter has: a second attribute meets the
/// guard of the first.
fn guard_name(handler: &Handler) -> Ident {
    let site = Span::mixed_site();
    let mut name = "__auth".to_owned();
    let mut number = 1_usize;
    while handler.binds(&name) {
        number = number.saturating_add(1);
        name = format!("__auth{number}");
    }
    Ident::new(&name, site)
}
