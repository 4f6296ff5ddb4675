//! Rust files as tokens: no comments, no documentation, and nothing that only tests see.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::root;

pub(crate) struct Source {
    /// The path below `src/` of its crate.
    pub(crate) path: String,
    pub(crate) tokens: Vec<TokenTree>,
}

/// Every file of a crate that ships, in the order of the paths.
pub(crate) fn shipped_files(krate: &str) -> Vec<Source> {
    let folder = root().join(krate).join("src");
    let mut files = Vec::new();
    collect(&folder, &mut files);
    files.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        Source { tokens: shipped(&text), path: name }
    };
    files.into_iter().map(read).collect()
}

/// The tokens of a text without documentation and without items under `#[cfg(test)]`.
pub(crate) fn shipped(text: &str) -> Vec<TokenTree> {
    filter(text.parse::<TokenStream>().expect("the compiler accepts this file"))
}

/// The lines on which there is a token.
pub(crate) fn code_lines(tokens: &[TokenTree]) -> BTreeSet<usize> {
    let mut lines = BTreeSet::new();
    for token in tokens {
        if let TokenTree::Group(group) = token {
            lines.insert(group.span_open().start().line);
            lines.insert(group.span_close().end().line);
            lines.extend(code_lines(&filter(group.stream())));
        } else {
            lines.extend(token.span().start().line..=token.span().end().line);
        }
    }
    lines
}

pub(crate) fn filter(stream: TokenStream) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut tokens = stream.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if !is_punct(&token, '#') {
            kept.push(token);
            continue;
        }
        let is_inner = tokens.next_if(|next| is_punct(next, '!')).is_some();
        let Some(TokenTree::Group(attribute)) = tokens.next_if(|next| matches!(next, TokenTree::Group(_)))
        else {
            kept.push(token);
            continue;
        };
        let words = words(attribute.stream());
        if !is_inner && is_for_tests(&words) {
            // The item ends at its semicolon or after its braces.
            for next in tokens.by_ref() {
                let is_body =
                    matches!(&next, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
                if is_body || is_punct(&next, ';') {
                    break;
                }
            }
        } else if words.first().is_none_or(|word| word != "doc") {
            kept.push(token);
            kept.push(attribute.into());
        }
    }
    kept
}

/// `cfg(test)` and `cfg(all(test, …))`, but not `cfg(any(test, …))`, which ships too.
fn is_for_tests(words: &[String]) -> bool {
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    matches!(words.as_slice(), ["cfg", "test"] | ["cfg", "all", "test", ..])
}

fn words(stream: TokenStream) -> Vec<String> {
    let mut words = Vec::new();
    for token in stream {
        match token {
            TokenTree::Ident(ident) => words.push(ident.to_string()),
            TokenTree::Group(group) => words.extend(self::words(group.stream())),
            _ => {}
        }
    }
    words
}

pub(crate) fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

/// Files of tests alone are called `tests.rs` or `…_tests.rs`, or stand in a folder `tests`.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") && !is_test_file(name) {
            files.push(path);
        }
    }
}

fn is_test_file(name: &str) -> bool {
    name == "tests.rs" || name.ends_with("_tests.rs")
}

#[test]
fn what_only_tests_see_is_left_out() {
    let text = "//! Inner.\n/// Outer.\nfn a() {}\n#[cfg(test)]\nuse b::{C};\n#[cfg(test)]\nmod tests { fn d() {} }\nfn e() {}";
    let kept: TokenStream = shipped(text).into_iter().collect();
    assert_eq!(kept.to_string(), "fn a () { } ; fn e () { }");
    assert_eq!(code_lines(&shipped(text)), BTreeSet::from([3, 5, 8]));
}
