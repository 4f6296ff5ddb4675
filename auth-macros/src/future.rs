//! Futures in signatures and types: a router could take a function for a handler if its signature names one.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser as _};
use syn::{GenericParam, Generics, ReturnType, Signature, Token, Type, WherePredicate};

use crate::future_names::FutureNames;

/// Returns whether the return type names a future, or a type parameter that is one. A future behind the name of another
/// type is not seen, unless that name is among `names`.
pub(crate) fn returns_future(signature: &Signature, names: &FutureNames) -> bool {
    let ReturnType::Type(_, output) = &signature.output else { return false };
    let output = output.to_token_stream();
    names.mentioned_in(output.clone()) || names_one_of(output, &futures_among(&signature.generics, names))
}

/// Returns whether the type of a constant or static names a future, as that of a function pointer which returns one
/// does. `item` has no attributes.
pub(crate) fn holds_future(item: TokenStream, names: &FutureNames) -> bool {
    let read = |input: ParseStream<'_>| {
        while !input.peek(Token![:]) {
            input.parse::<TokenTree>()?;
        }
        input.parse::<Token![:]>()?;
        let ty: Type = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(ty)
    };
    // A type that syn can't read is searched with the rest of the item.
    let declared = read.parse2(item.clone()).map_or(item, Type::into_token_stream);
    names.mentioned_in(declared)
}

/// Returns whether one of these type parameters is named by itself, and not only for `F::Output`.
fn names_one_of(tokens: TokenStream, parameters: &[&Ident]) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) if names_one_of(group.stream(), parameters) => return true,
            TokenTree::Ident(ident) if parameters.contains(&&ident) => {
                // `F::Output` is another type than `F`.
                let leads_on = matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == ':');
                if !leads_on {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// Returns the type parameters with a bound that names a future, among the parameters or in the `where` clause.
fn futures_among<'a>(generics: &'a Generics, names: &FutureNames) -> Vec<&'a Ident> {
    let parameters = generics.params.iter().filter_map(|parameter| match parameter {
        GenericParam::Type(parameter) => Some(parameter),
        _ => None,
    });
    let bounded_elsewhere = |name: &Ident| {
        let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        predicates.into_iter().any(|predicate| match predicate {
            WherePredicate::Type(bounded) => {
                *name == bounded.bounded_ty.to_token_stream().to_string()
                    && names.mentioned_in(bounded.bounds.to_token_stream())
            }
            _ => false,
        })
    };
    parameters
        .filter(|parameter| {
            names.mentioned_in(parameter.bounds.to_token_stream()) || bounded_elsewhere(&parameter.ident)
        })
        .map(|parameter| &parameter.ident)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(returns: bool, signatures: &[&str]) {
        for signature in signatures {
            let parsed: Signature = syn::parse_str(signature).unwrap();
            assert_eq!(returns_future(&parsed, &FutureNames::default()), returns, "{signature}");
        }
    }

    #[test]
    fn a_future_is_known_by_its_name() {
        check(
            true,
            &[
                "fn a() -> impl Future<Output = u8> + Send",
                "fn a() -> Pin<Box<dyn Future<Output = u8>>>",
                "fn a() -> BoxFuture<'static, u8>",
                "fn a() -> std::future::Ready<u8>",
                "fn a() -> (u8, [r#LocalBoxFuture; 1])",
                "fn a() -> impl IntoFuture",
                "fn a<F: Future>(f: F) -> F",
                "fn a<F: Send + Future<Output = u8>>(f: F) -> Box<F>",
                "fn a<F>(f: F) -> Pin<Box<F>> where F: Future",
            ],
        );
    }

    #[test]
    fn a_constant_holds_a_future_if_its_type_names_one() {
        let names = FutureNames::among("type Later = BoxFuture;".parse().unwrap());
        for (item, expected) in [
            ("const A: fn() -> BoxFuture<'static, u8> = list;", true),
            ("pub static A: LazyLock<fn(u8) -> Later> = LazyLock::new(f);", true),
            ("const A: X<Output = u8, F = Ready<u8>>;", true),
            ("const A<T>: Later = 1;", true),
            ("const A: fn(u8) -> u8 = future::list;", false),
            ("static mut A: u8 = { Ready };", false),
        ] {
            assert_eq!(holds_future(item.parse().unwrap(), &names), expected, "{item}");
        }
    }

    #[test]
    fn what_a_future_yields_is_none() {
        check(
            false,
            &[
                "fn a()",
                "fn a() -> Vec<u8>",
                "fn a(f: impl Future) -> u8",
                "fn a<F: Future>(f: F)",
                "fn a<F: Future>(f: F) -> F::Output",
                "fn a<F: Future>(f: F) -> Vec<F::Output>",
                "fn a<F: Future, T>(f: F, t: T) -> T",
                "fn a() -> FutureTense",
            ],
        );
    }
}
