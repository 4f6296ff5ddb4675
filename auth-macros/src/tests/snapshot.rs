//! Runs the attribute without a compiler, and compares the result with a checked-in file.

use std::path::Path;
use std::{env, fs};

use proc_macro2::{TokenStream, TokenTree};

use crate::attribute::{helper, policy, public, with_api_auth_required};

/// The result of the attribute on an item.
pub(super) struct Expansion {
    pub(super) item: TokenStream,
    pub(super) errors: Vec<Message>,
}

/// A `compile_error!`.
pub(super) struct Message {
    /// The source text it points at; `None` for the attribute itself.
    pub(super) at: Option<String>,
    pub(super) text: String,
}

/// `#[with_api_auth_required(arguments)] item`
pub(super) fn expand(arguments: &str, item: &str) -> Expansion {
    read(with_api_auth_required(arguments.parse().unwrap(), item.parse().unwrap()))
}

/// `#[public(arguments)] item`
pub(super) fn expand_public(arguments: &str, item: &str) -> Expansion {
    read(public(arguments.parse().unwrap(), item.parse().unwrap()))
}

/// `#[policy(arguments)] item`
pub(super) fn expand_policy(arguments: &str, item: &str) -> Expansion {
    read(policy(arguments.parse().unwrap(), item.parse().unwrap()))
}

/// `#[helper] item`
pub(super) fn expand_helper(_arguments: &str, item: &str) -> Expansion {
    read(helper(&item.parse().unwrap()))
}

fn read(output: TokenStream) -> Expansion {
    let mut expansion = Expansion { item: TokenStream::new(), errors: Vec::new() };
    let tokens: Vec<TokenTree> = output.into_iter().collect();
    let mut rest = tokens.as_slice();
    while let [first, others @ ..] = rest {
        if let Some(message) = read_compile_error(rest) {
            expansion.errors.push(message);
            rest = &rest[COMPILE_ERROR.len()..];
        } else {
            expansion.item.extend([first.clone()]);
            rest = others;
        }
    }
    expansion
}

/// `None` stands for the group with the message.
const COMPILE_ERROR: [Option<&str>; 8] =
    [Some(":"), Some(":"), Some("core"), Some(":"), Some(":"), Some("compile_error"), Some("!"), None];

fn read_compile_error(tokens: &[TokenTree]) -> Option<Message> {
    let call = tokens.get(..COMPILE_ERROR.len())?;
    let matches =
        |(token, expected): (&TokenTree, Option<&str>)| expected.is_none_or(|text| token.to_string() == text);
    if !call.iter().zip(COMPILE_ERROR).all(matches) {
        return None;
    }
    let TokenTree::Group(group) = call.last()? else { return None };
    let text = syn::parse2::<syn::LitStr>(group.stream()).ok()?.value();
    let at = call.first()?.span().join(group.span()).and_then(|span| span.source_text());
    Some(Message { at: at.filter(|at| !at.is_empty()), text })
}

/// Panics unless the file holds exactly `actual`.
pub(super) fn check(file: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(file);
    if env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} differs; after reviewing, run with BLESS=1\n--- expected\n{expected}\n--- actual\n{actual}",
        path.display()
    );
}
