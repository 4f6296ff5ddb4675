//! The expansion of a module or an `impl` block, member by member.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::quote;

use super::check;
use super::handler::expand_handler;
use super::layers::enter_module;
use super::marker::Place;
use super::{Expanded, expand_public};
use crate::block::{Block, Member};
use crate::diagnostics::Diagnostics;
use crate::function::{Role, Surroundings};
use crate::options::Options;
use crate::paths::Paths;
use crate::requirements::{Requirements, check_public};

/// Puts a guard in front of each handler in `block`, and leaves the rest as it is. Beside what the compiler has to judge
/// stands a check.
///
/// ```text
/// // in
/// impl Reports {
///     const LIMIT: usize = 10;
///
///     pub async fn list() -> Json<Vec<Report>> { BODY }
///
///     #[public]
///     pub async fn count() -> Json<usize> { BODY }
/// }
///
/// // out; `MARKER` for handlers that require more than a session
/// MARKER
/// impl Reports {
///     const LIMIT: usize = 10;
///
///     pub async fn list(__auth: Guard<SignedIn>, user: User) -> Guarded<Json<Vec<Report>>> { ... }
///
///     pub async fn count(__public: Public) -> Json<usize> { BODY }
/// }
/// ```
///
/// A module keeps the markers of its functions. An `impl` block can't hold them, so they stand in front of it. Its
/// `#[cfg]`s are repeated on each handler, from which the marker has them.
///
/// `layers` are the options around the block, from the outermost to the innermost.
pub(crate) fn expand_block(block: Block, layers: &[&Options], diagnostics: &mut Diagnostics) -> TokenStream {
    let Block { surroundings, self_type, conditions, head, options, members, span } = block;
    let mut aliases = TokenStream::new();
    let layers: Vec<Options> = if surroundings == Surroundings::Module {
        let (written, layers) = enter_module(layers, options, &head, &conditions);
        aliases = written;
        layers
    } else {
        layers.iter().copied().cloned().chain(options).collect()
    };
    let layers: Vec<&Options> = layers.iter().collect();
    let mut markers = TokenStream::new();
    let mut body = TokenStream::new();
    for member in members {
        let expanded = match member {
            Member::Block(block) => Expanded::without_marker(expand_block(block, &layers, diagnostics)),
            Member::Function(role) if surroundings == Surroundings::ImplBlock => {
                let role = role.under(&conditions);
                let place = self_type.as_ref().map_or(Place::Module, Place::Impl);
                expand_function(role, place, surroundings, &layers, diagnostics)
            }
            Member::Function(role) => {
                expand_function(role, Place::Module, surroundings, &layers, diagnostics)
            }
            Member::Constant(constant) => {
                let paths = Paths::of(&layers);
                Expanded::without_marker(check::expand_constant(*constant, surroundings, &paths))
            }
            Member::Untouched(tokens) => Expanded::without_marker(tokens),
        };
        let Expanded { marker, handler } = expanded;
        if surroundings == Surroundings::ImplBlock {
            markers.extend(marker);
        } else {
            body.extend(marker);
        }
        body.extend(handler);
    }
    let mut braces = Group::new(Delimiter::Brace, body);
    braces.set_span(span);
    quote!(#aliases #markers #head #braces)
}

fn expand_function(
    role: Role,
    place: Place<'_>,
    surroundings: Surroundings,
    layers: &[&Options],
    diagnostics: &mut Diagnostics,
) -> Expanded {
    match role {
        Role::Protected(handler, options) => {
            let layers = with(layers, &options);
            let requirements = Requirements::of(&layers, &handler, diagnostics);
            expand_handler(*handler, &requirements, place, &Paths::of(&layers))
        }
        Role::Public(handler, options) => {
            let layers = with(layers, &options);
            check_public(&handler, diagnostics);
            Expanded::without_marker(expand_public(*handler, &Paths::of(&layers)))
        }
        Role::Checked(item) => {
            Expanded::without_marker(check::expand_function(*item, surroundings, &Paths::of(layers)))
        }
        Role::Untouched(tokens) => Expanded::without_marker(tokens),
    }
}

fn with<'a>(layers: &[&'a Options], inner: impl IntoIterator<Item = &'a Options>) -> Vec<&'a Options> {
    layers.iter().copied().chain(inner).collect()
}
