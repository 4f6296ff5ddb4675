//! A module imports only from modules listed above it. The list is the table in ARCHITECTURE.md.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::source::{filter, is_punct, shipped, shipped_files};
use crate::{LIBRARIES, read};

#[test]
fn every_import_goes_to_a_layer_listed_above() {
    let mut wrong = String::new();
    for krate in LIBRARIES {
        let layers = layers(krate);
        for file in shipped_files(krate) {
            let module = module_path(&file.path);
            for import in imports(&file.tokens, &module) {
                if let Some(problem) = judge(&layers, &module[0], &import.name) {
                    writeln!(wrong, "{krate}/src/{}:{}: {problem}", file.path, import.line).unwrap();
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "\n{wrong}\nEither the line belongs into another module, or what it needs belongs lower: see ARCHITECTURE.md.\n"
    );
}

#[test]
fn the_table_lists_every_module_and_nothing_else() {
    for krate in LIBRARIES {
        let listed = layers(krate);
        let names: BTreeSet<_> = listed.iter().cloned().collect();
        let found: BTreeSet<_> =
            shipped_files(krate).iter().map(|file| module_path(&file.path)[0].clone()).collect();
        let missing: Vec<_> = found.difference(&names).collect();
        let stale: Vec<_> = names.difference(&found).collect();
        assert!(missing.is_empty(), "modules of {krate} without a row in ARCHITECTURE.md: {missing:?}");
        assert!(stale.is_empty(), "rows of ARCHITECTURE.md without a module in {krate}: {stale:?}");
        assert_eq!(names.len(), listed.len(), "ARCHITECTURE.md lists a module of {krate} twice");
    }
}

/// The names in the first column of the table below the heading that names the crate.
fn layers(krate: &str) -> Vec<String> {
    let text = read("ARCHITECTURE.md");
    let heading = format!("\n## `{krate}`");
    let (_, section) =
        text.split_once(&heading).unwrap_or_else(|| panic!("ARCHITECTURE.md has no {heading}"));
    let section = section.split("\n## ").next().unwrap();
    let name = |row: &str| Some(row.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    section.lines().filter_map(name).collect()
}

fn judge(layers: &[String], from: &str, to: &str) -> Option<String> {
    let rank = |name: &str| layers.iter().position(|layer| layer == name);
    if from == to {
        return None;
    }
    match (rank(from), rank(to)) {
        (_, None) => {
            Some(format!("`crate::{to}` names no module of the table; import from the module itself"))
        }
        (Some(from_rank), Some(to_rank)) if to_rank > from_rank => {
            Some(format!("`{from}` imports from `{to}`, which is listed below it"))
        }
        _ => None,
    }
}

/// `cookie/header.rs` is `["cookie", "header"]`, `cookie/mod.rs` is `["cookie"]`, `lib.rs` is `["lib"]`.
fn module_path(path: &str) -> Vec<String> {
    let path = path.strip_suffix("/mod.rs").or_else(|| path.strip_suffix(".rs")).unwrap();
    path.split('/').map(str::to_owned).collect()
}

#[derive(Debug, PartialEq)]
struct Import {
    /// The top-level module, or whatever else stands after `crate::`.
    name: String,
    line: usize,
}

/// Everything in the crate that the tokens name from its root: `crate::x`, `crate::{x, y}`, and `super::x` where
/// that leaves the top-level module.
fn imports(tokens: &[TokenTree], module: &[String]) -> Vec<Import> {
    let depth = if module == ["lib"] { 0 } else { module.len() };
    let mut found = Vec::new();
    scan(tokens, depth, &mut found);
    found
}

fn scan(tokens: &[TokenTree], depth: usize, found: &mut Vec<Import>) {
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        index += 1;
        match token {
            TokenTree::Group(group) => {
                let is_module = group.delimiter() == Delimiter::Brace
                    && index >= 3
                    && matches!(&tokens[index - 3], TokenTree::Ident(ident) if ident == "mod");
                scan(&filter(group.stream()), depth + usize::from(is_module), found);
            }
            TokenTree::Ident(ident) if ident == "crate" => name_after(tokens, &mut index, found),
            TokenTree::Ident(ident) if ident == "super" => {
                let mut ups = 1;
                while let Some(TokenTree::Ident(next)) = after_colons(tokens, index) {
                    if next != "super" {
                        break;
                    }
                    ups += 1;
                    index += 3;
                }
                if ups >= depth {
                    name_after(tokens, &mut index, found);
                }
            }
            _ => {}
        }
    }
}

/// Takes what follows in `::name` or `::{name, …}`.
fn name_after(tokens: &[TokenTree], index: &mut usize, found: &mut Vec<Import>) {
    match after_colons(tokens, *index) {
        Some(TokenTree::Group(group)) => {
            let mut at_start = true;
            for token in group.stream() {
                if at_start {
                    push(&token, found);
                }
                at_start = is_punct(&token, ',');
            }
        }
        Some(token) => push(token, found),
        // `pub(crate)`, `pub(super)`.
        None => return,
    }
    *index += 3;
}

fn push(token: &TokenTree, found: &mut Vec<Import>) {
    found.push(Import { name: token.to_string(), line: token.span().start().line });
}

fn after_colons(tokens: &[TokenTree], index: usize) -> Option<&TokenTree> {
    let are_colons = tokens.get(index..index + 2)?.iter().all(|token| is_punct(token, ':'));
    are_colons.then(|| tokens.get(index + 2)).flatten()
}

#[test]
fn imports_are_found_wherever_they_stand() {
    let text = "
        use crate::a::B; use crate::{c::{D, E}, f}; pub(in crate::g) fn h(_: crate::i::J) { vec![crate::k::l()]; }
        use super::sibling; use super::super::m; mod inner { use super::super::sibling; use super::super::super::n; }
        pub(crate) use self::o; pub(super) use super::*; // crate::comment
        const TEXT: &str = \"crate::string\"; #[cfg(test)] mod tests { use crate::only_tests; }";
    let module = ["cookie".to_owned(), "header".to_owned()];
    let names: Vec<_> = imports(&shipped(text), &module).into_iter().map(|import| import.name).collect();
    assert_eq!(names, ["a", "c", "f", "g", "i", "k", "m", "n"]);
}

#[test]
fn an_import_that_goes_down_the_table_is_refused() {
    let layers = ["time", "session", "guard"].map(str::to_owned);
    assert_eq!(judge(&layers, "guard", "time"), None);
    assert_eq!(judge(&layers, "session", "session"), None);
    assert!(judge(&layers, "session", "guard").is_some());
    assert!(judge(&layers, "guard", "Auth").is_some());
}

#[test]
fn macro_input_is_read_as_well() {
    let tokens: TokenStream = "tracing::warn!(reason = crate::auth::NAME)".parse().unwrap();
    let tokens: Vec<_> = tokens.into_iter().collect();
    assert_eq!(imports(&tokens, &["session".to_owned()]), [Import { name: "auth".to_owned(), line: 1 }]);
}

/// A fuzz target compiles the macros' modules into itself; only those of a feature, and the tests, are left out.
#[test]
fn the_fuzz_target_of_the_attribute_has_the_modules_of_the_macros() {
    let modules = |path: &str| {
        let text = read(path);
        let mut names: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
            .filter(|name| !["openapi", "tests"].contains(name))
            .map(str::to_owned)
            .collect();
        names.sort_unstable();
        names
    };
    assert_eq!(modules("fuzz/fuzz_targets/attribute.rs"), modules("auth-macros/src/lib.rs"));
}
