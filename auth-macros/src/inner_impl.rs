//! `impl` blocks inside of a function's body or a constant's value: their functions belong to a type that may be known
//! outside.

use proc_macro2::{Span, TokenStream, TokenTree};

/// The message for an `async fn` of such a block.
pub(crate) const INNER_IMPL: &str = "the attribute does not guard what stands inside of a body or a value, and a function \
                                     of an `impl` block can be called from outside of it: move the block out of it";

/// Returns where an `async fn` stands that may belong to such a block: one behind an `impl` that may start an item.
/// Tokens that only a macro sees are taken for what they look like.
pub(crate) fn async_function_of_an_impl(tokens: TokenStream) -> Option<Span> {
    let mut tokens = tokens.into_iter();
    let mut is_type = false;
    while let Some(token) = tokens.next() {
        let found = match &token {
            TokenTree::Group(group) => async_function_of_an_impl(group.stream()),
            TokenTree::Ident(word) if word == "impl" && !is_type => async_function(tokens.clone().collect()),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
        // In `-> impl A`, `x: impl A`, `&mut impl A` and the like, `impl` is a type.
        is_type = match &token {
            TokenTree::Punct(punct) => punct.as_char() != ';',
            TokenTree::Ident(word) => word == "mut",
            _ => false,
        };
    }
    None
}

/// Returns where the first `async fn` stands, at any depth. It may have qualifiers that are not known here.
fn async_function(tokens: TokenStream) -> Option<Span> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match &token {
            TokenTree::Group(group) => async_function(group.stream()),
            // Before `move`, `{` and `|` it is a block or a closure.
            TokenTree::Ident(word) if word == "async" => match tokens.peek() {
                Some(TokenTree::Ident(next)) if next != "move" => Some(word.span()),
                _ => None,
            },
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_async_function_behind_an_impl_is_found_at_any_depth() {
        for text in [
            "{ impl Api { pub async fn list() {} } }",
            "{ let a = 1; impl<T> Api<{ 1 }> where T: X<{ 2 }> { fn a() {} pub async unsafe extern \"C\" fn b() {} } }",
            "{ fn a() {} #[cfg(x)] unsafe impl Show for Api { async fn show() {} } }",
            "if a { match b { _ => { const impl A { async fn b() {} } } } }",
            "{ items! { impl A { async fn b() {} } } }",
            "{ items!(impl A { async fn b() {} }) }",
            "{ impl A for m!{B} { async fn b() {} } }",
            "{ mod a { impl A { async fn b() {} } } }",
            "{ impl A {} impl B { async fn b() {} } }",
            "{ impl A { fn a() { impl B { async fn b() {} } } } }",
            // The function behind the block is local, but the message says how to cure this, too.
            "{ impl Api { fn list() {} } async fn local() {} }",
        ] {
            assert!(async_function_of_an_impl(text.parse().unwrap()).is_some(), "{text}");
        }
    }

    #[test]
    fn other_functions_are_not() {
        for text in [
            "{ async fn local() {} async { 1 } }",
            "{ async fn local() {} impl Api { fn list() { async { f() }; async move { g() }; async |a| a } } }",
            "{ fn a() -> impl B { async fn c() {} } fn d(e: &impl F, g: &mut impl H, i: (u8, impl J)) { async fn k() {} } }",
            "{ fn a(b: impl C) { async fn d() {} } }",
            "{ let a: Vec<impl B> = c; type D = impl E; async fn f() {} }",
        ] {
            assert!(async_function_of_an_impl(text.parse().unwrap()).is_none(), "{text}");
        }
    }
}
