//! The item that an attribute of ours stands on.

use proc_macro2::{Span, TokenStream};

use crate::block::Block;
use crate::diagnostics::Diagnostics;
use crate::function::Surroundings;
use crate::item::{Handler, Intent, Item};
use crate::kind::Kind;
use crate::marks::{self, Marks, PUBLIC_AND_GUARDED, TWICE_PUBLIC};
use crate::options::Options;

/// The item that `#[with_api_auth_required]` stands on.
pub(crate) enum Target {
    Block(Block),
    /// A handler, with the options of further attributes below this one.
    Handler(Box<Handler>, Vec<Options>),
    /// An item that can't be guarded. Reported already; goes back to the compiler as it came.
    Unfit(TokenStream),
}

impl Target {
    pub(crate) fn parse(whole: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut item = match Item::parse(whole.clone()) {
            Ok(item) => item,
            Err(error) => {
                diagnostics.report_syntax(error);
                return Self::Unfit(whole);
            }
        };
        let marks = Marks::take(&mut item.attributes, diagnostics);
        check_marks(&item, &marks, diagnostics);
        let surroundings = match item.kind {
            Kind::Function => return Self::handler(item, marks.options, diagnostics),
            Kind::ImplBlock => Surroundings::ImplBlock,
            Kind::Module => Surroundings::Module,
            kind => {
                diagnostics.report(item.at, kind.misplaced("#[with_api_auth_required]"));
                return Self::Unfit(item.into_tokens());
            }
        };
        Block::read(surroundings, item, marks.options, diagnostics).map_or_else(Self::Unfit, Self::Block)
    }

    fn handler(item: Item, options: Vec<Options>, diagnostics: &mut Diagnostics) -> Self {
        let handler = match item.into_handler(Intent::Handler, diagnostics) {
            Ok(handler) => handler,
            Err(item) => return Self::Unfit(item),
        };
        if handler.is_public() {
            diagnostics.report(Span::call_site(), PUBLIC_AND_GUARDED);
        }
        Self::Handler(handler, options)
    }
}

/// Reports the attributes that contradict the one that is being expanded.
fn check_marks(item: &Item, marks: &Marks, diagnostics: &mut Diagnostics) {
    if let Some(public) = marks.public {
        let message = match item.kind {
            Kind::Function => PUBLIC_AND_GUARDED.to_owned(),
            kind => kind.misplaced("#[public]"),
        };
        diagnostics.report(public, message);
    }
    if let Some(helper) = marks.helper {
        diagnostics.report(
            helper,
            "`#[helper]` excepts a function from the attribute around it, and here there is none around: remove it, \
             or remove `#[with_api_auth_required]`",
        );
    }
}

/// Reads the handler under `#[public]`. An item that can't be one is reported, and returned as it came.
pub(crate) fn public_handler(
    whole: TokenStream,
    diagnostics: &mut Diagnostics,
) -> Result<Box<Handler>, TokenStream> {
    let item = match Item::parse(whole.clone()) {
        Ok(item) => item,
        Err(error) => {
            diagnostics.report_syntax(error);
            return Err(whole);
        }
    };
    if item.attributes.iter().any(|attribute| marks::is(attribute, "with_api_auth_required")) {
        diagnostics.report(Span::call_site(), PUBLIC_AND_GUARDED);
        // Left as it is: the other attribute puts the guard in.
        return Err(whole);
    }
    if item.kind != Kind::Function {
        diagnostics.report(item.at, item.kind.misplaced("#[public]"));
        return Err(whole);
    }
    let handler = item.into_handler(Intent::Handler, diagnostics)?;
    if handler.starts_with("Guard") {
        diagnostics.report(Span::call_site(), PUBLIC_AND_GUARDED);
        return Err(whole);
    }
    if handler.is_public() {
        diagnostics.report(Span::call_site(), TWICE_PUBLIC);
        return Err(whole);
    }
    Ok(handler)
}
