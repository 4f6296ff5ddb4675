//! The attributes, step by step: read, judge, expand.

use std::iter;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use crate::diagnostics::Diagnostics;
use crate::expand::{expand_block, expand_lone_handler, expand_policy, expand_public, wrap_parameters};
use crate::item::Item;
use crate::marks::root_alone;
use crate::options::Options;
use crate::paths::Paths;
use crate::policy_function::PolicyFunction;
use crate::requirements::{Requirements, check_public};
use crate::target::{Target, public_handler};

/// Expands `#[with_api_auth_required]`, step by step.
pub(crate) fn with_api_auth_required(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::new();
    let options = Options::parse(arguments, &mut diagnostics);
    // A handler is expanded even beside errors: its callers and its body rely on the new signature.
    let item = match Target::parse(item, &mut diagnostics) {
        Target::Block(block) => {
            let mut block = block;
            block.options.insert(0, options);
            expand_block(block, &[], &mut diagnostics)
        }
        Target::Handler(handler, below) => {
            let layers: Vec<&Options> = iter::once(&options).chain(&below).collect();
            let mut requirements = Requirements::of(&layers, &handler, &mut diagnostics);
            requirements.check_place(&handler, &mut diagnostics);
            expand_lone_handler(*handler, &requirements, &Paths::of(&layers))
        }
        Target::Unfit(tokens) => tokens,
    };
    let errors = diagnostics.check();
    quote!(#item #errors)
}

/// Expands `#[public]`, step by step.
pub(crate) fn public(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::new();
    let options = root_alone(arguments, "public", &mut diagnostics);
    let item = match public_handler(item, &mut diagnostics) {
        Ok(handler) => {
            check_public(&handler, &mut diagnostics);
            expand_public(*handler, &Paths::of(&[&options]))
        }
        Err(tokens) => tokens,
    };
    let errors = diagnostics.check();
    quote!(#item #errors)
}

/// Expands `#[policy]`, step by step.
pub(crate) fn policy(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::new();
    let options = root_alone(arguments, "policy", &mut diagnostics);
    let item = match PolicyFunction::parse(item, &mut diagnostics) {
        Ok(function) => expand_policy(&function, &Paths::of(&[&options])),
        Err(tokens) => tokens,
    };
    let errors = diagnostics.check();
    quote!(#item #errors)
}

/// Expands the hidden attribute that wraps the parameters of a handler after the attributes above it have looked at
/// them. `wrapper` is the path of the type to wrap them in. An attribute above may have left an item that is no
/// function: that is returned unchanged.
pub(crate) fn behind(wrapper: &TokenStream, item: TokenStream) -> TokenStream {
    let Ok(mut parsed) = Item::parse(item.clone()) else { return item };
    let Some(mut function) = parsed.function.take() else { return item };
    wrap_parameters(&mut function.signature, wrapper);
    let (attributes, visibility, signature) = (parsed.attributes, function.visibility, function.signature);
    let body = function.body.map_or_else(|| quote!(;), ToTokens::into_token_stream);
    quote!(#(#attributes)* #visibility #signature #body)
}

/// Reports a `#[helper]` that no module or `impl` block around it has taken off.
pub(crate) fn helper(item: &TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::new();
    diagnostics.report(
        Span::call_site(),
        "`#[helper]` works only in a module or `impl` block with `#[with_api_auth_required]`, and not in a \
         `#[cfg_attr(...)]`: remove it",
    );
    let errors = diagnostics.check();
    quote!(#item #errors)
}
