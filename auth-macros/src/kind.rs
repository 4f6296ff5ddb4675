//! The kind of an item, and the messages for an attribute on an item that is no handler.
//!
//! Only the leading keywords are looked at, so that new syntax inside the item can't change the answer.

use proc_macro2::{Span, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse as _, ParseStream};
use syn::{Ident, Lifetime, LitStr, Token, token};

/// The kind of an item, by the word that says it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Closure,
    Constant,
    Enum,
    Expression,
    ExternBlock,
    ExternCrate,
    Function,
    ImplBlock,
    MacroCall,
    MacroDefinition,
    /// `mod name { ... }`
    Module,
    /// `mod name;`
    ModuleFile,
    Static,
    Struct,
    Trait,
    /// `impl Trait for Type { ... }`
    TraitImpl,
    TypeAlias,
    Union,
    Use,
}

impl Kind {
    /// Returns the kind of what `input` starts with after its visibility, and where the word stands that names it.
    pub(crate) fn of(input: ParseStream<'_>) -> (Self, Span) {
        let ahead = input.fork();
        skip_qualifiers(&ahead);
        let kind = if ahead.peek(Token![fn]) {
            Self::Function
        } else if ahead.peek(Token![mod]) {
            if ahead.peek3(Token![;]) { Self::ModuleFile } else { Self::Module }
        } else if ahead.peek(Token![impl]) {
            if is_of_a_trait(&ahead) { Self::TraitImpl } else { Self::ImplBlock }
        } else if ahead.peek(Token![extern]) {
            if ahead.peek2(Token![crate]) { Self::ExternCrate } else { Self::ExternBlock }
        } else if let Some(kind) = without_functions(&ahead) {
            kind
        } else if is_macro_call(&ahead) {
            Self::MacroCall
        } else if is_closure(&ahead) {
            Self::Closure
        } else {
            Self::Expression
        };
        (kind, ahead.span())
    }

    /// Returns the name of the kind with its article: "a struct".
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Closure => "a closure",
            Self::Constant => "a constant",
            Self::Enum => "an enum",
            Self::Expression => "an expression or statement",
            Self::ExternBlock => "an `extern` block",
            Self::ExternCrate => "an `extern crate`",
            Self::Function => "a function",
            Self::ImplBlock => "an `impl` block",
            Self::MacroCall => "a macro call",
            Self::MacroDefinition => "a macro definition",
            Self::Module | Self::ModuleFile => "a module",
            Self::Static => "a static",
            Self::Struct => "a struct",
            Self::Trait => "a trait",
            Self::TraitImpl => "an implementation of a trait",
            Self::TypeAlias => "a type alias",
            Self::Union => "a union",
            Self::Use => "a `use`",
        }
    }

    /// Returns the message for `attribute` on an item that it can do nothing with.
    pub(crate) fn misplaced(self, attribute: &str) -> String {
        match self {
            Self::Closure => format!(
                "a closure can't be a handler with `{attribute}`: write it as an `async fn` and put the attribute on that"
            ),
            Self::ExternBlock => format!(
                "an `extern` block declares functions of another language: write an `async fn` that calls them, and \
                 put `{attribute}` on that"
            ),
            Self::ImplBlock | Self::Module => format!(
                "{name} is not a handler: put `{attribute}` on each handler in it that a caller without a session may call",
                name = self.name()
            ),
            Self::MacroCall => format!(
                "the attribute can't see what a macro call expands to: put `{attribute}` on the `async fn` inside the \
                 macro"
            ),
            Self::ModuleFile => format!(
                "the attribute can't see into the file of a module: put `{attribute}` on each handler in that file"
            ),
            Self::Trait | Self::TraitImpl => format!(
                "a function of a trait has the parameters that the trait says, and can't get another: put \
                 `{attribute}` on an `async fn` of `impl Type {{ ... }}` or of a module"
            ),
            _ => format!(
                "{name} is not a handler: put `{attribute}` on the `async fn` that answers the request",
                name = self.name()
            ),
        }
    }
}

/// Returns whether an `impl` has a `for` between two types: neither within `<...>` nor in front of lifetimes, as in
/// `for<'a>`.
fn is_of_a_trait(ahead: ParseStream<'_>) -> bool {
    let ahead = ahead.fork();
    let mut depth = 0_u32;
    while !ahead.is_empty() {
        if depth == 0 {
            if ahead.peek(Token![for]) && !brings_lifetimes(&ahead) {
                return true;
            }
            if ahead.peek(token::Brace) || ahead.peek(Token![where]) {
                return false;
            }
        }
        // The `>` of `->` closes no `<`.
        if ahead.peek(Token![->]) && ahead.parse::<Token![->]>().is_ok() {
            continue;
        }
        match ahead.call(TokenTree::parse) {
            Ok(TokenTree::Punct(punct)) if punct.as_char() == '<' => depth = depth.saturating_add(1),
            Ok(TokenTree::Punct(punct)) if punct.as_char() == '>' => depth = depth.saturating_sub(1),
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    false
}

/// Returns whether the `for` here brings lifetimes, as in `for<'a>`.
fn brings_lifetimes(ahead: ParseStream<'_>) -> bool {
    ahead.peek2(Token![<]) && (ahead.peek3(Lifetime) || ahead.peek3(Token![>]))
}

/// Moves over the words that may come before the one that names the kind of item.
fn skip_qualifiers(ahead: ParseStream<'_>) {
    loop {
        let qualifies = if ahead.peek(Token![const]) {
            ahead.peek2(Token![async])
                || ahead.peek2(Token![unsafe])
                || ahead.peek2(Token![extern])
                || ahead.peek2(Token![fn])
                || ahead.peek2(Token![impl])
                || ahead.peek2(Token![trait])
        } else if ahead.peek(Token![async]) {
            ahead.peek2(Token![fn]) || ahead.peek2(Token![unsafe]) || ahead.peek2(Token![extern])
        } else if ahead.peek(Token![extern]) {
            ahead.peek2(Token![fn]) || (ahead.peek2(LitStr) && ahead.peek3(Token![fn]))
        } else {
            ahead.peek(LitStr)
                || ahead.peek(Token![unsafe])
                || ["auto", "default", "safe"]
                    .iter()
                    .any(|word| is_word(ahead, word) && ahead.peek2(Ident::peek_any))
        };
        if !qualifies || ahead.call(TokenTree::parse).is_err() {
            return;
        }
    }
}

/// Returns the kind of an item that holds no function that could be a handler, or of a trait, whose functions can't get
/// another parameter.
fn without_functions(ahead: ParseStream<'_>) -> Option<Kind> {
    Some(if ahead.peek(Token![struct]) {
        Kind::Struct
    } else if ahead.peek(Token![enum]) {
        Kind::Enum
    } else if is_word(ahead, "union") && ahead.peek2(Ident) {
        Kind::Union
    } else if ahead.peek(Token![trait]) {
        Kind::Trait
    } else if ahead.peek(Token![type]) {
        Kind::TypeAlias
    } else if ahead.peek(Token![const]) {
        Kind::Constant
    } else if ahead.peek(Token![static]) {
        Kind::Static
    } else if ahead.peek(Token![use]) {
        Kind::Use
    } else if is_word(ahead, "macro_rules") || (ahead.peek(Token![macro]) && ahead.peek2(Ident)) {
        Kind::MacroDefinition
    } else {
        return None;
    })
}

fn is_word(ahead: ParseStream<'_>, word: &str) -> bool {
    ahead.fork().call(Ident::parse_any).is_ok_and(|ident| ident == word)
}

fn is_macro_call(ahead: ParseStream<'_>) -> bool {
    let ahead = ahead.fork();
    ahead.call(syn::Path::parse_mod_style).is_ok() && ahead.peek(Token![!]) && !ahead.peek(Token![!=])
}

fn is_closure(ahead: ParseStream<'_>) -> bool {
    let ahead = ahead.fork();
    while ahead.peek(Token![async]) || ahead.peek(Token![move]) || ahead.peek(Token![static]) {
        if ahead.call(TokenTree::parse).is_err() {
            return false;
        }
    }
    ahead.peek(Token![|]) || ahead.peek(Token![||])
}

#[cfg(test)]
mod tests {
    use syn::parse::Parser as _;

    use super::*;

    fn kind(item: &str) -> Kind {
        let read = |input: ParseStream<'_>| {
            let (kind, _) = Kind::of(input);
            input.parse::<proc_macro2::TokenStream>()?;
            Ok(kind)
        };
        read.parse_str(item).unwrap()
    }

    #[test]
    fn an_impl_with_a_for_between_types_is_of_a_trait() {
        for item in [
            "impl Load for X {}",
            "impl Load<{ 1 }> for X {}",
            "impl Load for <A as B>::C {}",
            "impl<const N: usize> Load<{ N }, fn() -> u8> for X<{ N }> {}",
            "impl<T: for<'a> A<'a>> !Load for T where T: B {}",
            "unsafe impl for<'a> Load<'a> for X {}",
            "impl Load for m!{X} {}",
            "impl Load for for<> fn() {}",
        ] {
            assert!(kind(item) == Kind::TraitImpl, "{item}");
        }
        for item in [
            "impl X {}",
            "impl X<{ 1 }> where for<'a> A<'a>: B {}",
            "impl<F: for<'a> Fn(&'a u8) -> u8> X<F> where F: for<> Fn() -> u8 {}",
            "impl X<fn() -> u8> { fn a() { for b in c {} } }",
            "impl <A as B>::C {}",
            "impl m!{X} { fn a() { for b in c {} } }",
            "impl dyn for<'a> Load<'a> {}",
        ] {
            assert!(kind(item) == Kind::ImplBlock, "{item}");
        }
    }
}
