//! What the library may not be built of: engines whose work an input can blow up, and randomness that can be guessed.

use std::process::Command;

use proc_macro2::TokenTree;

use crate::root;
use crate::source::{filter, shipped, shipped_files};

#[test]
fn dos_05_no_pattern_engine_is_below_the_library() {
    let names = dependencies();
    assert!(names.len() > 100 && names.iter().any(|name| name == "serde_json"), "{names:?}");
    let is_engine = |name: &&String| {
        let engines = ["fancy-regex", "glob", "globset", "onig", "oniguruma", "pcre", "pcre2", "wildmatch"];
        engines.contains(&name.as_str()) || name.starts_with("regex") || name.starts_with("onig_")
    };
    let engines: Vec<_> = names.iter().filter(is_engine).collect();
    assert!(engines.is_empty(), "these take a pattern to an input: {engines:?}");
}

/// Every crate that a service links when it uses every feature of the library.
fn dependencies() -> Vec<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = "tree --package auth-runtime --all-features --edges normal --target all --prefix none --format {p} --locked";
    let output =
        Command::new(cargo).args(arguments.split(' ')).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut names: Vec<_> =
        text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn key_07_and_key_08_random_bytes_come_from_one_place_and_that_from_the_operating_system() {
    let mut places = Vec::new();
    for file in shipped_files("auth-runtime") {
        // The provider in `testing` is no part of a service.
        if !file.path.starts_with("testing/") && names_generator(&file.tokens) {
            places.push(file.path);
        }
    }
    // A signature takes its generator from the library that makes it, which has no other one.
    assert_eq!(places, ["crypto/entropy.rs", "oidc/signing_key.rs"]);
}

/// Returns whether a generator of random bytes is named.
fn names_generator(tokens: &[TokenTree]) -> bool {
    tokens.iter().any(|token| match token {
        TokenTree::Group(group) => names_generator(&filter(group.stream())),
        TokenTree::Ident(ident) => GENERATORS.contains(&ident.to_string().as_str()),
        _ => false,
    })
}

const GENERATORS: [&str; 11] = [
    "OsRng",
    "SmallRng",
    "StdRng",
    "SystemRandom",
    "ThreadRng",
    "fastrand",
    "getrandom",
    "oorandom",
    "rand",
    "rand_core",
    "thread_rng",
];

#[test]
fn a_generator_is_found_wherever_it_stands() {
    let is_named = |text: &str| names_generator(&shipped(text));
    assert!(is_named("fn a() { b(|bytes| getrandom::fill(bytes)) }") && is_named("use rand::rngs::StdRng;"));
    assert!(!is_named("/// rand\nfn a() { random(); }\n#[cfg(test)] mod tests { use rand::b; }"));
}
