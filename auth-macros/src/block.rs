//! The items of a protected module or `impl` block as written, and the expansion of each item.
//!
//! An item that could be a handler and that cannot be guarded is an error, so that no handler stays open unnoticed.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Meta};

use crate::constant::Constant;
use crate::diagnostics::Diagnostics;
use crate::function::{self, Role, Surroundings};
use crate::inner_impl::{INNER_IMPL, handler_of_an_impl};
use crate::item::Item;
use crate::kind::Kind;
use crate::marks::{Marks, check_foreign, take_off};
use crate::options::Options;
use crate::self_type::self_type;
use crate::split::{split, split_braces};
use crate::words::find_word;

/// A module, an `impl` block or a trait, with what is in its braces.
pub(crate) struct Block {
    pub(crate) surroundings: Surroundings,
    /// The type that an `impl` block is for.
    pub(crate) self_type: Option<Ident>,
    /// The `#[cfg]`s of the block.
    pub(crate) conditions: Vec<Attribute>,
    /// Tokens before the braces: attributes without ours, visibility, name, generics.
    pub(crate) head: TokenStream,
    /// The options of its own attributes, from the outermost to the innermost.
    pub(crate) options: Vec<Options>,
    pub(crate) members: Vec<Member>,
    /// Place of the braces.
    pub(crate) span: Span,
}

/// An item inside a [`Block`].
pub(crate) enum Member {
    Block(Block),
    Constant(Box<Constant>),
    Function(Role),
    /// Goes back to the compiler as it came, without our attributes.
    Untouched(TokenStream),
}

impl Block {
    /// Reads the items in the braces at the end of `item`, of which our attributes were taken off. An item without
    /// braces is returned as it came; where handlers could be in it, a mistake is reported.
    pub(crate) fn read(
        surroundings: Surroundings,
        item: Item,
        options: Vec<Options>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, TokenStream> {
        let Some((before, braces)) = split_braces(item.without_attributes()) else {
            if !matches!(surroundings, Surroundings::Trait | Surroundings::TraitImpl) {
                diagnostics.report(item.at, format!("{} has its items in `{{ ... }}`", item.kind.name()));
            }
            return Err(item.into_tokens());
        };
        check_for_hidden_function(before.clone(), diagnostics);
        let members = split(braces.stream())
            .into_iter()
            .map(|item| read_member(item, surroundings, diagnostics))
            .collect();
        let self_type =
            if surroundings == Surroundings::ImplBlock { self_type(before.clone()) } else { None };
        let attributes = item.attributes;
        let head = quote!(#(#attributes)* #before);
        let conditions =
            attributes.into_iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
        Ok(Self { surroundings, self_type, conditions, head, options, members, span: braces.span() })
    }
}

fn read_member(item: TokenStream, surroundings: Surroundings, diagnostics: &mut Diagnostics) -> Member {
    if is_inner_attribute(&item) {
        return Member::Untouched(item);
    }
    let mut item = match Item::parse(item.clone()) {
        Ok(item) => item,
        Err(error) => {
            diagnostics.report_syntax(error);
            return Member::Untouched(unmarked(item));
        }
    };
    let marks = Marks::take(&mut item.attributes, diagnostics);
    check_foreign(&item.attributes, diagnostics);
    if item.kind == Kind::Function {
        return Member::Function(function::role(item, marks, surroundings, diagnostics));
    }
    check_conditional(&item, diagnostics);
    let misplaced = check_marks(&item, &marks, diagnostics);
    // A macro call or a module file with a misplaced attribute is reported once, not again as unguarded.
    if marks.helper.is_some() || (misplaced && matches!(item.kind, Kind::MacroCall | Kind::ModuleFile)) {
        return Member::Untouched(item.into_tokens());
    }
    read_item(item, marks.options, diagnostics)
}

/// Returns an item with a mistake in its syntax without our attributes, which would report more on top of that mistake.
fn unmarked(item: TokenStream) -> TokenStream {
    let read = |input: ParseStream<'_>| {
        let mut attributes = input.call(Attribute::parse_outer)?;
        take_off(&mut attributes);
        let rest: TokenStream = input.parse()?;
        Ok(quote!(#(#attributes)* #rest))
    };
    read.parse2(item.clone()).unwrap_or(item)
}

/// Reads an item that is no function and has no `#[helper]`.
fn read_item(item: Item, options: Vec<Options>, diagnostics: &mut Diagnostics) -> Member {
    let surroundings = match item.kind {
        Kind::Module => Surroundings::Module,
        Kind::ImplBlock => Surroundings::ImplBlock,
        Kind::Trait => Surroundings::Trait,
        Kind::TraitImpl => Surroundings::TraitImpl,
        Kind::MacroCall => {
            diagnostics.report(
                item.at,
                "the attribute can't see what a macro call expands to: write the handlers in it as `async fn` outside \
                 of it, with `#[public]` for those that everybody may call; if there is none in it, put `#[helper]` \
                 on the call",
            );
            return Member::Untouched(item.into_tokens());
        }
        Kind::ModuleFile => {
            diagnostics.report(
                item.at,
                "the attribute can't see into the file of a module: move this `mod` out of the module around it, and \
                 put `#[with_api_auth_required]` or `#[public]` on each handler in that file",
            );
            return Member::Untouched(item.into_tokens());
        }
        Kind::Closure | Kind::Expression => {
            // A lone `;` is an expression too, and no handler comes out of it.
            if !is_semicolon(&item) {
                diagnostics.report(item.at, UNKNOWN);
            }
            return Member::Untouched(item.into_tokens());
        }
        Kind::Constant | Kind::Static => {
            check_value(&item, diagnostics);
            check_for_hidden_function(item.without_attributes(), diagnostics);
            return match Constant::read(&item, diagnostics) {
                Some(constant) => Member::Constant(Box::new(constant)),
                None => Member::Untouched(item.into_tokens()),
            };
        }
        _ => {
            check_for_hidden_function(item.without_attributes(), diagnostics);
            // Each call of a macro is refused, so an `async fn` in its definition is harmless.
            if item.kind != Kind::MacroDefinition
                && let Some(at) = handler_of_an_impl(item.without_attributes())
            {
                diagnostics.report(at, INNER_IMPL);
            }
            return Member::Untouched(item.into_tokens());
        }
    };
    Block::read(surroundings, item, options, diagnostics).map_or_else(Member::Untouched, Member::Block)
}

/// Reports `#[cfg_attr(.., with_api_auth_required)]` on a nested block: it would be expanded when the functions in there
/// have their guards already.
fn check_conditional(item: &Item, diagnostics: &mut Diagnostics) {
    if !matches!(item.kind, Kind::ImplBlock | Kind::Module) {
        return;
    }
    for attribute in &item.attributes {
        if let Meta::List(list) = &attribute.meta
            && list.path.is_ident("cfg_attr")
            && let Some(word) = find_word(list.tokens.clone(), &["with_api_auth_required"])
        {
            let message = "whether a `#[cfg_attr(...)]` applies is not known yet when the functions in here are guarded: \
                           put the attribute here without a condition, or `#[cfg_attr(...)]` on each of them";
            diagnostics.report(word.span(), message);
        }
    }
}

/// Reports the attributes that mean nothing on an item that is no function. Returns whether there are any.
fn check_marks(item: &Item, marks: &Marks, diagnostics: &mut Diagnostics) -> bool {
    let kind = item.kind;
    let name = kind.name();
    let public = marks.public.map(|at| (at, kind.misplaced("#[public]")));
    let guarded = marks.guarded.and_then(|at| match kind {
        Kind::ImplBlock | Kind::Module if marks.helper.is_none() => None,
        Kind::ImplBlock | Kind::Module => Some((
            at,
            format!("`#[helper]` leaves {name} as it is, so this changes nothing: remove one of them"),
        )),
        _ => Some((at, kind.misplaced("#[with_api_auth_required]"))),
    });
    let helper = marks.helper.and_then(|at| match kind {
        Kind::Constant | Kind::MacroCall | Kind::Module | Kind::ModuleFile | Kind::Static => None,
        Kind::ImplBlock | Kind::Trait | Kind::TraitImpl => Some((
            at,
            format!("`#[helper]` can't except {name}: put it on the functions in it that are no handlers"),
        )),
        _ => Some((at, format!("{name} is left as it is without `#[helper]`: remove it"))),
    });
    let mut misplaced = false;
    for (at, message) in [public, guarded, helper].into_iter().flatten() {
        diagnostics.report(at, message);
        misplaced = true;
    }
    misplaced
}

/// Reports a constant or static whose value adds functions to a type.
fn check_value(item: &Item, diagnostics: &mut Diagnostics) {
    if let Some(at) = handler_of_an_impl(item.without_attributes()) {
        diagnostics.report(
            at,
            format!("{INNER_IMPL}; if none of them is a handler, put `#[helper]` on this constant"),
        );
    }
}

/// Reports a function inside of what [`split`] took for one item, because of syntax that it does not know. The function
/// could be a handler, so this fails closed.
fn check_for_hidden_function(item: TokenStream, diagnostics: &mut Diagnostics) {
    let mut tokens = item.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if matches!(&token, TokenTree::Ident(word) if word == "fn")
            && matches!(tokens.peek(), Some(TokenTree::Ident(_)))
        {
            let message = "the attribute does not understand what stands before this function, so it can't guard it: \
                           move that out of what `#[with_api_auth_required]` stands on";
            diagnostics.report(token.span(), message);
            return;
        }
    }
}

const UNKNOWN: &str = "the attribute does not know this syntax, so it can't tell whether a handler comes out of it: move \
                       it out of what `#[with_api_auth_required]` stands on";

fn is_semicolon(item: &Item) -> bool {
    let mut tokens = item.without_attributes().into_iter();
    matches!(tokens.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == ';')
        && tokens.next().is_none()
}

fn is_inner_attribute(item: &TokenStream) -> bool {
    let mut tokens = item.clone().into_iter();
    let mut next_is =
        |char| matches!(tokens.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == char);
    next_is('#') && next_is('!')
}
