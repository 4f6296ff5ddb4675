//! The attribute's arguments as written.
//!
//! Mistakes in a single option are found here. Mistakes that concern several options, or an option and the handler, are
//! found in `requirements`.

mod cache;
mod claim;
mod duration;
mod expression;
mod group;
mod list;
mod literal;
mod names;
mod nearest;
mod requirement;
mod syntax;
mod types;
mod words;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Ident, LitStr, Path, Type};

use self::expression::{Around, instead_of_operators};
use self::group::Place;
use self::literal::{NO_CONSTANT, is_computed};
use self::names::{LISTS, REPEATABLE, starts_option, unknown};
use self::requirement::Kind;
use self::syntax::{Assigned, parse_flag, parse_separated, rest_of_element};
use self::types::{parse_policy, parse_root, parse_state};
use crate::diagnostics::Diagnostics;

pub(crate) use self::claim::ClaimValue;
pub(crate) use self::names::OPTIONS;
pub(crate) use self::requirement::{Demand, Requirement};
pub(crate) use self::syntax::as_written;

/// The type of one `policy` option.
#[derive(Clone)]
pub(crate) struct Policy {
    pub(crate) ty: Type,
    /// The type as written, for the description of what a handler demands.
    pub(crate) written: String,
}

/// The arguments of one attribute. Broken ones are reported and left out.
#[derive(Clone, Default)]
pub(crate) struct Options {
    /// The requirements, as written.
    pub(crate) requirements: Vec<Requirement>,
    /// `policy = path::Type`, in order.
    pub(crate) policies: Vec<Policy>,
    /// `cache = "..."`, as it is sent.
    pub(crate) cache: Option<String>,
    /// `login`: where it was written.
    pub(crate) login: Option<Span>,
    /// `optional`: where it was written.
    pub(crate) optional: Option<Span>,
    /// `state = Type`
    pub(crate) state: Option<Type>,
    /// `crate = path`
    pub(crate) root: Option<Path>,
    /// Names of the options so far, to find one that is written twice.
    names: Vec<String>,
}

impl Options {
    /// Reads all arguments; a mistake in one does not hide mistakes in the next.
    pub(crate) fn parse(arguments: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut options = Self::default();
        let read = |input: ParseStream<'_>| {
            let instead = |element: &TokenStream| instead_of_operators(element, Around::Attribute);
            parse_separated(input, diagnostics, starts_option, &instead, |input, diagnostics| {
                options.parse_one(input, diagnostics)
            });
            Ok(())
        };
        if let Err(error) = read.parse2(arguments) {
            diagnostics.report_syntax(error);
        }
        options
    }

    /// Returns the types of `state` and `policy`.
    pub(crate) fn types(&mut self) -> impl Iterator<Item = &mut Type> {
        self.state.iter_mut().chain(self.policies.iter_mut().map(|policy| &mut policy.ty))
    }

    fn parse_one(&mut self, input: ParseStream<'_>, diagnostics: &mut Diagnostics) -> syn::Result<()> {
        if !input.peek(Ident::peek_any) {
            let rest = rest_of_element(input);
            let message = instead_of_operators(&rest, Around::Attribute).unwrap_or_else(|| {
                "an option starts with its name: write `name(...)` or `name = value`, such as \
                 `scopes(\"read:reports\")`"
                    .to_owned()
            });
            return Err(Error::new_spanned(rest, message));
        }
        let key = Ident::parse_any(input)?;
        let name = key.unraw().to_string();
        if self.names.contains(&name) && !REPEATABLE.contains(&name.as_str()) {
            diagnostics.report(key.span(), written_twice(&name));
            // The repeated option is read for its mistakes alone, and dropped.
            return Self::default().parse_value(&name, &key, input, diagnostics);
        }
        self.names.push(name.clone());
        self.parse_value(&name, &key, input, diagnostics)
    }

    fn parse_value(
        &mut self,
        name: &str,
        key: &Ident,
        input: ParseStream<'_>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<()> {
        match name {
            "cache" => self.cache = parse_cache(key, input, diagnostics)?,
            "crate" => self.root = Some(parse_root(key, input, diagnostics)?),
            "login" => {
                parse_flag(key, input)?;
                self.login = Some(key.span());
            }
            "optional" => {
                parse_flag(key, input)?;
                self.optional = Some(key.span());
            }
            "policy" => {
                let ty = parse_policy(key, input)?;
                let written = as_written(ty.to_token_stream());
                self.policies.push(Policy { ty, written });
            }
            "state" => self.state = Some(parse_state(key, input)?),
            _ => {
                let Some(kind) = Kind::of(name) else {
                    return Err(Error::new(key.span(), unknown("option", name, &OPTIONS)));
                };
                self.requirements.push(kind.parse(key, Place::OUTSIDE, input, diagnostics)?);
            }
        }
        Ok(())
    }
}

fn written_twice(name: &str) -> String {
    if LISTS.contains(&name) {
        return format!(
            "`{name}` is written twice: keep one of them, or write one list, `{name}(\"...\", \"...\")`"
        );
    }
    format!("`{name}` is written twice: keep one of them")
}

/// Reads `cache = "private, max-age=60"`.
fn parse_cache(
    key: &Ident,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<Option<String>> {
    CACHE.parse_equals(key, input)?;
    let rest = rest_of_element(input);
    let Ok(text) = input.parse::<LitStr>() else {
        let message = match cache::write(&rest) {
            Some(write) => format!("`cache` takes the directives in quotes: write `{write}`"),
            None if is_computed(&rest) => {
                format!("`cache` takes the directives in quotes: write `cache = \"...\"`, {NO_CONSTANT}")
            }
            None => format!("`cache` takes the directives in quotes, as in `{}`", CACHE.example),
        };
        return Err(Error::new_spanned(rest, message));
    };
    match cache::parse(&text.value()) {
        Ok(directives) => Ok(Some(directives)),
        Err(mistakes) => {
            for mistake in mistakes {
                diagnostics.report(text.span(), mistake);
            }
            Ok(None)
        }
    }
}

const CACHE: Assigned = Assigned { example: "cache = \"private, max-age=60\"", write: cache::write };
