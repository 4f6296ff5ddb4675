//! The generation of tokens from a handler and its requirements.

mod block;
mod check;
mod handler;
mod layers;
mod marker;
mod parameters;
mod permitted;
mod policy;
mod probe;
mod public;
mod return_type;

use proc_macro2::{Ident, TokenStream};
use syn::{FnArg, Pat, PatIdent, PatType, Token, Type};

pub(crate) use self::block::expand_block;
pub(crate) use self::handler::expand_lone_handler;
pub(crate) use self::parameters::wrap_parameters;
pub(crate) use self::policy::expand_policy;
pub(crate) use self::public::expand_public;

/// A handler with its guard. The two parts are apart because in an `impl` block they go to different places.
struct Expanded {
    /// The type that carries the handler's requirements, and its implementation; nothing when there are none.
    marker: TokenStream,
    handler: TokenStream,
}

impl Expanded {
    fn without_marker(handler: TokenStream) -> Self {
        Self { marker: TokenStream::new(), handler }
    }
}

/// Returns the parameter `name: ty`.
fn parameter(name: &Ident, ty: TokenStream) -> FnArg {
    let pat =
        PatIdent { attrs: Vec::new(), by_ref: None, mutability: None, ident: name.clone(), subpat: None };
    FnArg::Typed(PatType {
        attrs: Vec::new(),
        pat: Box::new(Pat::Ident(pat)),
        colon_token: Token![:](name.span()),
        ty: Box::new(Type::Verbatim(ty)),
    })
}
