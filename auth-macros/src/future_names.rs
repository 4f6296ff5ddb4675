//! The names of futures in a block, by which a function that returns one is known from its signature.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::ext::IdentExt as _;

/// The names that the items of a block give to futures, beside the names that are known everywhere.
#[derive(Default)]
pub(crate) struct FutureNames {
    local: Vec<String>,
}

/// A name that an item defines.
struct Definition {
    name: String,
    /// Tokens that the name stands for: a type, the bounds of a trait, or a path.
    meaning: TokenStream,
    /// True for a path of a `use`, in which only the last name and a module `future` tell: `futures::Stream` is no
    /// future.
    imported: bool,
}

impl FutureNames {
    /// Reads the type aliases, the traits and the imports among `items`, at any depth. A definition may build on
    /// another one.
    pub(crate) fn among(items: TokenStream) -> Self {
        let mut unknown = Vec::new();
        collect_definitions(items, &mut unknown);
        let mut names = Self::default();
        loop {
            // Each future that is found may make another definition one, in any order.
            let (known, others): (Vec<_>, Vec<_>) =
                unknown.into_iter().partition(|definition| names.define(definition));
            if known.is_empty() {
                return names;
            }
            names.local.extend(known.into_iter().map(|definition| definition.name));
            unknown = others;
        }
    }

    /// Returns whether a future is named: `Future`, `BoxFuture`, `future::Ready`, an alias of one...
    pub(crate) fn mentioned_in(&self, tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => self.mentioned_in(group.stream()),
            TokenTree::Ident(ident) => {
                let name = ident.unraw().to_string();
                name == "future" || name == "futures" || self.contains(&name)
            }
            _ => false,
        })
    }

    /// Returns whether the definition stands for a future, by the names that are known so far.
    fn define(&self, definition: &Definition) -> bool {
        if !definition.imported {
            return self.mentioned_in(definition.meaning.clone());
        }
        let path: Vec<String> = definition.meaning.clone().into_iter().filter_map(word).collect();
        path.last().is_some_and(|name| self.contains(name)) || path.iter().any(|name| name == "future")
    }

    fn contains(&self, name: &str) -> bool {
        name.ends_with("Future") || TYPES.contains(&name) || self.local.iter().any(|local| local == name)
    }
}

/// The futures of core and tracing whose names do not end with `Future`.
const TYPES: [&str; 4] = ["Instrumented", "Pending", "PollFn", "Ready"];

fn collect_definitions(items: TokenStream, found: &mut Vec<Definition>) {
    let mut tokens = items.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let keyword = match token {
            TokenTree::Group(group) => {
                if matches!(group.delimiter(), Delimiter::Brace | Delimiter::None) {
                    collect_definitions(group.stream(), found);
                }
                continue;
            }
            TokenTree::Ident(keyword) => keyword.to_string(),
            _ => continue,
        };
        let ends = match keyword.as_str() {
            "trait" => ends_head,
            // `use<'a>` is a bound.
            "use" if tokens.peek().is_some_and(|token| is_punct(token, '<')) => continue,
            "type" | "use" => is_semicolon,
            _ => continue,
        };
        let mut rest = TokenStream::new();
        while let Some(part) = tokens.next_if(|token| !ends(token)) {
            rest.extend([part]);
        }
        if keyword == "use" {
            collect_imports(&TokenStream::new(), rest, found);
        } else if let Some(name) = rest.clone().into_iter().next().and_then(word) {
            let meaning = rest.into_iter().skip(1).collect();
            found.push(Definition { name, meaning, imported: false });
        }
    }
}

/// Collects the names that an import defines. `tree` is what stands between `use` and `;`, or inside of its braces;
/// `prefix` is the path before those.
fn collect_imports(prefix: &TokenStream, tree: TokenStream, found: &mut Vec<Definition>) {
    let mut tokens = tree.into_iter().peekable();
    while tokens.peek().is_some() {
        let mut path = prefix.clone();
        let mut alias = None;
        let mut branches = false;
        while let Some(token) = tokens.next_if(|token| !is_punct(token, ',')) {
            match token {
                TokenTree::Group(group) => {
                    collect_imports(&path, group.stream(), found);
                    branches = true;
                }
                TokenTree::Ident(keyword) if keyword == "as" => alias = tokens.next().and_then(word),
                token => path.extend([token]),
            }
        }
        // The comma.
        tokens.next();
        let name = alias.or_else(|| path.clone().into_iter().filter_map(word).last());
        if let Some(name) = name.filter(|name| !branches && name != "self") {
            found.push(Definition { name, meaning: path, imported: true });
        }
    }
}

fn word(token: TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(ident) => Some(ident.unraw().to_string()),
        _ => None,
    }
}

fn ends_head(token: &TokenTree) -> bool {
    is_semicolon(token) || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

fn is_semicolon(token: &TokenTree) -> bool {
    is_punct(token, ';')
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentions(items: &str, ty: &str) -> bool {
        FutureNames::among(items.parse().unwrap()).mentioned_in(ty.parse().unwrap())
    }

    #[test]
    fn a_name_that_the_block_gives_to_a_future_is_one() {
        for (items, ty) in [
            ("", "Ready<u8>"),
            ("", "r#Pending"),
            ("", "Option<Instrumented<A>>"),
            ("", "[std::task::PollFn; 1]"),
            ("type Answer = Pin<Box<dyn Future<Output = u8>>>;", "Answer"),
            ("mod a { pub(crate) type Answer<'a, const N: X<{ 1 }>> = BoxFuture<'a>; }", "a::Answer<'a>"),
            ("type B = A; type C = B; type A = Ready<u8>;", "impl Into<C>"),
            ("pub trait Later: Send + Future<Output = ()> {}", "impl Later"),
            ("trait Later = Future;", "Box<dyn Later>"),
            ("trait Later where Self: Future {}", "impl Later"),
            ("trait Sooner: Later {} trait Later: Future {}", "impl Sooner"),
            ("use futures::future::BoxFuture as Boxed;", "Boxed<'static, u8>"),
            ("use {a::B, std::{io, future::{Future as Later, self}}};", "impl Later"),
            ("use std::future as later;", "later::X"),
            ("use futures::future::{Map, Then};", "Then<A>"),
            ("use a::Ready as Done;", "Done"),
            ("fn a() -> impl Copy + use<'_> {} type B = BoxFuture;", "B"),
        ] {
            assert!(mentions(items, ty), "{items} {ty}");
        }
    }

    #[test]
    fn other_names_are_none() {
        for (items, ty) in [
            ("", "FutureTense"),
            ("type A = Vec<u8>; trait B: Send {}", "A<dyn B>"),
            ("use futures::Stream; use futures::stream::Stream as S;", "impl Stream + S"),
            ("use std::future::{self, Future};", "self::A"),
            ("use crate::{future::{A}, b::C};", "C"),
            ("use a::{b as c, Ready as _};", "b::c"),
            ("r#type A = BoxFuture;", "A"),
        ] {
            assert!(!mentions(items, ty), "{items} {ty}");
        }
    }
}
