//! `impl` blocks inside of a function's body or a constant's value: their functions belong to a type that may be known
//! outside.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::{ReturnType, Signature, Type};

use crate::references::takes_a_reference;

/// The message for a function of such a block that could be a handler.
pub(crate) const INNER_IMPL: &str = "the attribute does not guard what stands inside of a body or a value, and a function \
                                     of an `impl` block can be called from outside of it: move the block out of it";

/// Returns where a function stands that may belong to such a block and may be a handler: one behind an `impl` that may
/// start an item. Tokens that only a macro sees are taken for what they look like.
pub(crate) fn handler_of_an_impl(tokens: TokenStream) -> Option<Span> {
    let mut tokens = tokens.into_iter();
    let mut is_type = false;
    while let Some(token) = tokens.next() {
        let found = match &token {
            TokenTree::Group(group) => handler_of_an_impl(group.stream()),
            TokenTree::Ident(word) if word == "impl" && !is_type => {
                let block: TokenStream = tokens.clone().collect();
                async_function(block.clone()).or_else(|| synchronous_function(block))
            }
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

/// Returns where a function of the block stands that is not `async`, and that a router could call. `tokens` begin behind
/// the word `impl`.
fn synchronous_function(tokens: TokenStream) -> Option<Span> {
    let mut tokens = tokens.into_iter().peekable();
    let (mut is_of_a_trait, mut depth, mut before) = (false, 0_u32, ' ');
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let found = synchronous_member(group.stream(), is_of_a_trait);
                // In `A<{ 1 }>` and `m! { }` it is a part of the header.
                if found.is_some() || (depth == 0 && before != '!') {
                    return found;
                }
            }
            // `for<'a>` is a part of a type.
            TokenTree::Ident(word) if word == "for" => {
                is_of_a_trait |=
                    !matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '<');
            }
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth = depth.saturating_add(1),
            TokenTree::Punct(punct) if punct.as_char() == '>' && !matches!(before, '-' | '=') => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        before = if let TokenTree::Punct(punct) = &token { punct.as_char() } else { ' ' };
    }
    None
}

/// Returns where the first function stands that a router could call, among the functions of a block and those that stand
/// in a macro call there.
fn synchronous_member(tokens: TokenStream, is_of_a_trait: bool) -> Option<Span> {
    let mut tokens = tokens.into_iter().peekable();
    let mut is_call = false;
    while let Some(token) = tokens.next() {
        let found = match &token {
            TokenTree::Group(group) if is_call => synchronous_member(group.stream(), is_of_a_trait),
            // Before `(` it is the type of a function.
            TokenTree::Ident(word) if word == "fn" && matches!(tokens.peek(), Some(TokenTree::Ident(_))) => {
                let function = std::iter::once(token.clone()).chain(tokens.clone()).collect();
                (!is_harmless(function, is_of_a_trait)).then(|| word.span())
            }
            // A function's body may have another such block in it.
            TokenTree::Group(group) => handler_of_an_impl(group.stream()),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
        is_call = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '!');
    }
    None
}

/// Returns whether no router takes the function with which the tokens begin. A function of a trait that takes `self` or
/// returns `Self` counts as one that is called for what it is, such as `From::from` and `IntoResponse::into_response`.
fn is_harmless(tokens: TokenStream, is_of_a_trait: bool) -> bool {
    let read = |input: ParseStream<'_>| {
        let signature: Signature = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(signature)
    };
    let Ok(signature) = read.parse2(tokens) else { return false };
    let ReturnType::Type(_, returned) = &signature.output else { return true };
    let returns_self = matches!(&**returned, Type::Path(path) if path.path.is_ident("Self"));
    takes_a_reference(&signature) || (is_of_a_trait && (signature.receiver().is_some() || returns_self))
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
            assert!(handler_of_an_impl(text.parse().unwrap()).is_some(), "{text}");
        }
    }

    #[test]
    fn a_synchronous_function_of_the_block_that_a_router_could_call_is_found() {
        for text in [
            "{ impl Api { pub fn list() -> super::Answer { Box::pin(async {}) } } }",
            "{ impl<T> Api<{ 1 }> where T: Fn() -> X<{ 2 }>, { const A: u8 = 1; fn a(b: B) -> C {} } }",
            "{ impl Api { fn a(self) -> C {} } }",
            "{ impl Api { fn a(b: fn(&C), d: &'static E) -> F {} } }",
            "{ impl Api { fn new() -> Self {} } }",
            "{ impl Handle for Api { fn a(b: B) -> C {} } }",
            "{ impl Handle for m!{B} { fn a() -> C {} } }",
            "{ impl Api { m! { fn a() -> C {} } } }",
            "{ impl Api { fn a(&self) -> u8 { impl B { fn c() -> D {} } } } }",
            "{ impl A {} impl B { fn c() -> D {} } }",
            "if a { match b { _ => { impl A { const fn b<const N: usize>() -> [C; N] {} } } } }",
        ] {
            assert!(handler_of_an_impl(text.parse().unwrap()).is_some(), "{text}");
        }
    }

    #[test]
    fn a_synchronous_function_that_no_router_calls_is_not() {
        for text in [
            "{ impl fmt::Display for X { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f() } } }",
            "{ impl IntoResponse for X { fn into_response(self) -> Response { a() } } }",
            "{ impl From<A> for X { fn from(a: A) -> Self { X } } }",
            "{ impl<'a> Api<'a> { fn a(self: &Self) -> B {} fn b(mut c: &'a D) -> E {} fn f() {} } }",
            "{ impl Api { fn a(&self) -> u8 { fn local() -> B {} local() } } fn local() -> C {} }",
            "{ impl Api { const A: fn() -> B = c; } fn d() -> E {} }",
            "{ impl Visit for for<'a> fn(&'a A) -> B { fn c(&self) -> D {} } fn e() -> F {} }",
        ] {
            assert!(handler_of_an_impl(text.parse().unwrap()).is_none(), "{text}");
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
            assert!(handler_of_an_impl(text.parse().unwrap()).is_none(), "{text}");
        }
    }
}
