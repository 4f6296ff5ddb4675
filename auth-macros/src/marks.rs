//! The attributes of this crate on an item: reading them, and taking them off.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, Meta};

use crate::diagnostics::Diagnostics;
use crate::options::Options;

/// The attributes of this crate on one item, as read.
pub(crate) struct Marks {
    /// Options of the attributes, from the outermost to the innermost.
    pub(crate) options: Vec<Options>,
    /// Where the first `#[with_api_auth_required]` stands.
    pub(crate) guarded: Option<Span>,
    /// Where `#[public]` stands.
    pub(crate) public: Option<Span>,
    /// Where `#[helper]` stands.
    pub(crate) helper: Option<Span>,
}

impl Marks {
    /// Takes our attributes out of `attributes`.
    pub(crate) fn take(attributes: &mut Vec<Attribute>, diagnostics: &mut Diagnostics) -> Self {
        let mut marks = Self { options: Vec::new(), guarded: None, public: None, helper: None };
        attributes.retain(|attribute| !marks.read(attribute, diagnostics));
        marks
    }

    /// Reads the attribute if it is one of ours. Returns whether it is.
    fn read(&mut self, attribute: &Attribute, diagnostics: &mut Diagnostics) -> bool {
        let at = attribute.path().span();
        if is(attribute, "with_api_auth_required") {
            let arguments = arguments(attribute, diagnostics);
            self.options.push(Options::parse(arguments, diagnostics));
            self.guarded.get_or_insert(at);
        } else if is(attribute, "public") {
            let arguments = arguments(attribute, diagnostics);
            self.options.push(root_alone(arguments, "public", diagnostics));
            if self.public.is_some() {
                diagnostics.report(at, TWICE_PUBLIC);
            }
            self.public.get_or_insert(at);
        } else if is(attribute, "helper") {
            if let Some(argument) = arguments(attribute, diagnostics).into_iter().next() {
                diagnostics.report(argument.span(), "`#[helper]` takes no arguments: remove them");
            }
            if self.helper.is_some() {
                diagnostics.report(at, "`#[helper]` is written twice: keep one of them");
            }
            self.helper.get_or_insert(at);
        } else {
            return false;
        }
        true
    }
}

pub(crate) const TWICE_PUBLIC: &str = "`#[public]` is written twice: keep one of them";

/// The message where `#[public]` and the guard meet.
pub(crate) const PUBLIC_AND_GUARDED: &str = "`#[public]` admits every caller, and `#[with_api_auth_required]` only \
                                             a caller with a session: remove one of them";

/// Returns whether the attribute is ours of this name: `#[public]`, `#[auth_runtime::public]`.
pub(crate) fn is(attribute: &Attribute, name: &str) -> bool {
    let path = attribute.path();
    let mut segments = path.segments.iter().map(|segment| segment.ident.unraw());
    let (Some(first), Some(last)) = (segments.next(), path.segments.last()) else { return false };
    last.ident.unraw() == name
        && match segments.next() {
            None => path.leading_colon.is_none(),
            Some(_) => ["auth_runtime", "auth_macros"].iter().any(|root| first == root),
        }
}

/// Takes our attributes off without reading what they say.
pub(crate) fn take_off(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| !NAMES.iter().any(|name| is(attribute, name)));
}

/// Reports attributes that have the name of one of ours at a path that is not. The macro can't know which attribute
/// that is: if it is ours, it was meant to say something here, and if not, a reader takes it for ours.
pub(crate) fn check_foreign(attributes: &[Attribute], diagnostics: &mut Diagnostics) {
    for path in attributes.iter().map(Attribute::path) {
        let Some(last) = path.segments.last().map(|segment| segment.ident.unraw()) else { continue };
        if NAMES.iter().any(|name| last == name) {
            let message = format!(
                "is this `auth_runtime::{last}`? Write `#[{last}]`, which needs no `use` here; if it is another \
                 attribute, import it under another name"
            );
            diagnostics.report(path.span(), message);
        }
    }
}

const NAMES: [&str; 3] = ["helper", "public", "with_api_auth_required"];

/// Returns the arguments of `#[public]` or `#[policy]`, of which there is only `crate = path`. Other arguments are reported
/// and left out.
pub(crate) fn root_alone(arguments: TokenStream, name: &str, diagnostics: &mut Diagnostics) -> Options {
    let mut kept = TokenStream::new();
    let mut keeping = true;
    let mut starts = true;
    for token in arguments {
        let is_comma = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',');
        // The first token after a comma names an argument; the tokens up to the next comma belong to it.
        if starts && !is_comma {
            keeping = matches!(&token, TokenTree::Ident(key) if key == "crate");
            if !keeping {
                let message = if name == "public" {
                    format!(
                        "`#[public]` takes `crate = path` alone, because a public handler demands nothing: remove \
                         `{token}`, or write `#[with_api_auth_required(...)]` instead"
                    )
                } else {
                    format!(
                        "`#[{name}]` takes `crate = path` alone: remove `{token}`, and write what a handler demands in \
                         its `#[with_api_auth_required(...)]`"
                    )
                };
                diagnostics.report(token.span(), message);
            }
        }
        starts = is_comma;
        if keeping {
            kept.extend([token]);
        }
    }
    Options::parse(kept, diagnostics)
}

/// Returns the tokens in the parentheses of the attribute.
fn arguments(attribute: &Attribute, diagnostics: &mut Diagnostics) -> TokenStream {
    match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(pair) => {
            diagnostics.report(
                pair.eq_token.span(),
                "this attribute takes no value: remove the `=` and what follows",
            );
            TokenStream::new()
        }
        Meta::Path(_) => TokenStream::new(),
    }
}

#[cfg(test)]
mod tests {
    use syn::parse::{ParseStream, Parser as _};

    use super::*;

    fn is_public(path: &str) -> bool {
        is(&attribute(path), "public")
    }

    fn attribute(path: &str) -> Attribute {
        let read = |input: ParseStream<'_>| input.call(Attribute::parse_outer);
        read.parse_str(&format!("#[{path}]")).unwrap().remove(0)
    }

    #[test]
    fn ours_is_the_bare_name_or_a_path_from_our_crates() {
        for path in
            ["public", "r#public", "auth_runtime::public", "::auth_runtime::public", "auth_macros::a::public"]
        {
            assert!(is_public(path), "{path}");
        }
        for path in [
            "::public",
            "openapi_x::public",
            "::openapi_x::public",
            "crate::public",
            "a::auth_runtime::public",
            "publicly",
            "helper",
            "auth_runtime::helper",
            "public::x",
        ] {
            assert!(!is_public(path), "{path}");
        }
    }
}
