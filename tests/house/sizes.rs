//! One subject per file, one step per function: past these sizes there usually is a second one.

use std::fmt::Write as _;

use proc_macro2::{Delimiter, TokenTree};

use crate::LIBRARIES;
use crate::source::{code_lines, filter, shipped, shipped_files};

/// Lines with code on them: no comments, no blank lines, nothing that only tests see.
const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 60;

#[test]
fn files_and_functions_stay_small() {
    let mut wrong = String::new();
    for krate in LIBRARIES {
        for file in shipped_files(krate) {
            let lines = code_lines(&file.tokens).len();
            if lines > FILE_LINES {
                writeln!(wrong, "{krate}/src/{}: {lines} lines of code, at most {FILE_LINES}", file.path)
                    .unwrap();
            }
            let mut functions = Vec::new();
            find_functions(&file.tokens, &mut functions);
            for function in functions.iter().filter(|function| function.lines > FUNCTION_LINES) {
                let Function { name, start, lines } = function;
                let place = format!("{krate}/src/{}:{start}", file.path);
                writeln!(wrong, "{place}: `{name}` has {lines} lines of code, at most {FUNCTION_LINES}")
                    .unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}\nLook for the second subject.\n");
}

struct Function {
    name: String,
    /// The line of the keyword `fn`.
    start: usize,
    lines: usize,
}

fn find_functions(tokens: &[TokenTree], found: &mut Vec<Function>) {
    for (index, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            find_functions(&filter(group.stream()), found);
        }
        let (TokenTree::Ident(keyword), Some(TokenTree::Ident(name))) = (token, tokens.get(index + 1)) else {
            continue;
        };
        if keyword != "fn" {
            continue;
        }
        let is_end = |token: &TokenTree| match token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(punct) => punct.as_char() == ';',
            _ => false,
        };
        let length = tokens[index..].iter().position(is_end).map_or(0, |end| end + 1);
        found.push(Function {
            name: name.to_string(),
            start: keyword.span().start().line,
            lines: code_lines(&tokens[index..index + length]).len(),
        });
    }
}

#[test]
fn only_lines_with_code_count() {
    let text =
        "/// Documented.\nfn a(\n) -> fn() {\n\n    // Why.\n    fn b() {}\n    \"two\n    lines\";\n}\n";
    let mut functions = Vec::new();
    find_functions(&shipped(text), &mut functions);
    let sizes: Vec<_> = functions.iter().map(|it| (it.name.as_str(), it.start, it.lines)).collect();
    assert_eq!(sizes, [("a", 2, 6), ("b", 6, 1)]);
}
