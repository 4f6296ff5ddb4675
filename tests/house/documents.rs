//! What a newcomer reads first.

use crate::read;

#[test]
fn the_readme_names_the_two_commands() {
    let text = read("README.md");
    for command in ["cargo run -p quickstart", "cargo xtask test"] {
        assert!(text.contains(command), "README.md does not name `{command}`");
    }
}

/// Documents may leave a version out, but what they say is what `Cargo.toml` and `rust-toolchain.toml` say.
#[test]
fn documents_name_the_versions_that_are_pinned() {
    let minimum = quoted(&read("Cargo.toml"), "rust-version = ");
    let toolchain = quoted(&read("rust-toolchain.toml"), "channel = ");
    let short = toolchain.strip_suffix(".0").unwrap_or(&toolchain);
    for path in ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"] {
        for version in versions_of_rust(&read(path)) {
            let is_pinned = [minimum.as_str(), &toolchain, short].contains(&version.as_str());
            assert!(is_pinned, "{path} says Rust {version}; pinned are {minimum} (minimum) and {toolchain}");
        }
    }
}

#[test]
fn the_minimum_is_not_newer_than_the_toolchain() {
    let minimum = numbers(&quoted(&read("Cargo.toml"), "rust-version = "));
    let toolchain = numbers(&quoted(&read("rust-toolchain.toml"), "channel = "));
    assert!(minimum <= toolchain, "rust-version {minimum:?} is newer than the toolchain {toolchain:?}");
}

/// The string after `key`.
fn quoted(text: &str, key: &str) -> String {
    let value = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_else(|| panic!("no {key}"));
    value.trim().trim_matches('"').to_owned()
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap()).collect()
}

/// Every `1.x` or `1.x.y` that follows the words Rust, rustc or toolchain.
fn versions_of_rust(text: &str) -> Vec<String> {
    let words: Vec<_> = text.split_whitespace().collect();
    let is_rust = |word: &str| {
        ["Rust", "rustc", "toolchain"].contains(&word.trim_matches(|char: char| !char.is_alphanumeric()))
    };
    let version = |word: &str| {
        let version = word.trim_matches(|char: char| !char.is_ascii_digit()).to_owned();
        version.starts_with("1.").then_some(version)
    };
    words.windows(2).filter(|pair| is_rust(pair[0])).filter_map(|pair| version(pair[1])).collect()
}

#[test]
fn versions_are_found_in_prose() {
    let text = "Rust 1.89 or newer (rustc `1.95.0`, edition 2024); axum 0.8, Rust alone.";
    assert_eq!(versions_of_rust(text), ["1.89", "1.95.0"]);
}
