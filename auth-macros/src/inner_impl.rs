//! `impl` blocks inside of a function's body or a constant's value: their functions belong to a type that may be known
//! outside.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// The message for an `async fn` of such a block.
pub(crate) const INNER_IMPL: &str = "the attribute does not guard what stands inside of a body or a value, and a function \
                                     of an `impl` block can be called from outside of it: move the block out of it";

/// Returns where the first `async fn` of such a block stands. Tokens that only a macro sees are taken for what they
/// look like.
pub(crate) fn async_function_of_an_impl(tokens: TokenStream) -> Option<Span> {
    let mut within_impl = false;
    let mut starts = true;
    for token in tokens {
        let starts_here = starts;
        starts = false;
        match token {
            TokenTree::Group(group) => {
                let stream = group.stream();
                let found = if within_impl { async_function(stream.clone()) } else { None };
                if let Some(span) = found.or_else(|| async_function_of_an_impl(stream)) {
                    return Some(span);
                }
                // An item can start after attributes, items and statements.
                starts = matches!(group.delimiter(), Delimiter::Brace | Delimiter::Bracket);
            }
            // Elsewhere `impl` is a type, as in `-> impl Future`.
            TokenTree::Ident(word) if word == "impl" => within_impl |= starts_here,
            TokenTree::Ident(word) if ["default", "unsafe"].iter().any(|known| word == known) => {
                starts = starts_here;
            }
            TokenTree::Ident(word) => {
                // The start of another item ends the head of the block.
                let another = starts_here
                    && ["async", "const", "enum", "fn", "let", "mod", "pub", "struct"]
                        .iter()
                        .any(|known| word == known);
                within_impl &= !another;
                starts = word == "const" && starts_here;
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                within_impl = false;
                starts = true;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    None
}

fn async_function(items: TokenStream) -> Option<Span> {
    let mut asynchronous = None;
    for token in items {
        let TokenTree::Ident(word) = token else {
            // `extern "C"`
            if !matches!(token, TokenTree::Literal(_)) {
                asynchronous = None;
            }
            continue;
        };
        match word.to_string().as_str() {
            "async" => asynchronous = Some(word.span()),
            "fn" if asynchronous.is_some() => return asynchronous,
            // These stand between `async` and `fn`.
            "unsafe" | "extern" => {}
            _ => asynchronous = None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_async_function_of_an_impl_is_found_at_any_depth() {
        for text in [
            "{ impl Api { pub async fn list() {} } }",
            "{ let a = 1; impl<T> Api<{ 1 }> where T: X<{ 2 }> { fn a() {} pub async unsafe extern \"C\" fn b() {} } }",
            "{ fn a() {} #[cfg(x)] unsafe impl Show for Api { async fn show() {} } }",
            "if a { match b { _ => { const impl A { async fn b() {} } } } }",
            "{ items! { impl A { async fn b() {} } } }",
            "{ impl A for m!{B} { async fn b() {} } }",
            "{ mod a { impl A { async fn b() {} } } }",
            "{ impl A {} impl B { async fn b() {} } }",
            "{ impl A { fn a() { impl B { async fn b() {} } } } }",
        ] {
            assert!(async_function_of_an_impl(text.parse().unwrap()).is_some(), "{text}");
        }
    }

    #[test]
    fn other_functions_are_not() {
        for text in [
            "{ async fn local() {} async { 1 } }",
            "{ impl Api { fn list() {} } async fn local() {} }",
            "{ impl Api { fn list() { async { f() } } } fn a() -> impl B { async fn c() {} } }",
            "{ fn a(b: impl C) { async fn d() {} } }",
            "{ impl Api { const A: fn() = a; } struct B; fn c() { async fn d() {} } }",
        ] {
            assert!(async_function_of_an_impl(text.parse().unwrap()).is_none(), "{text}");
        }
    }
}
