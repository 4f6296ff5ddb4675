//! The language of the attribute: its arguments, then a line with `---` alone, then the item below it.
//!
//! The modules of `auth-macros` are compiled into this program, since a procedural macro can be called by the compiler
//! alone.

#![no_main]
#![expect(dead_code, reason = "each module has what the others or its tests need")]

#[path = "../../auth-macros/src/attribute.rs"]
mod attribute;
#[path = "../../auth-macros/src/block.rs"]
mod block;
#[path = "../../auth-macros/src/constant.rs"]
mod constant;
#[path = "../../auth-macros/src/diagnostics.rs"]
mod diagnostics;
#[path = "../../auth-macros/src/expand/mod.rs"]
mod expand;
#[path = "../../auth-macros/src/function.rs"]
mod function;
#[path = "../../auth-macros/src/inner_impl.rs"]
mod inner_impl;
#[path = "../../auth-macros/src/item.rs"]
mod item;
#[path = "../../auth-macros/src/kind.rs"]
mod kind;
#[path = "../../auth-macros/src/marks.rs"]
mod marks;
#[path = "../../auth-macros/src/options/mod.rs"]
mod options;
#[path = "../../auth-macros/src/paths.rs"]
mod paths;
#[path = "../../auth-macros/src/policy_function.rs"]
mod policy_function;
#[path = "../../auth-macros/src/references.rs"]
mod references;
#[path = "../../auth-macros/src/requirements/mod.rs"]
mod requirements;
#[path = "../../auth-macros/src/self_type.rs"]
mod self_type;
#[path = "../../auth-macros/src/split.rs"]
mod split;
#[path = "../../auth-macros/src/target.rs"]
mod target;
#[path = "../../auth-macros/src/words.rs"]
mod words;

use proc_macro2::TokenStream;

const HANDLER: &str = "async fn handler(user: User) -> String { String::new() }";
/// The parser of types and patterns recurses.
const MAX_BYTES: usize = 4_096;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check(data));

/// What comes out is Rust if the item was, and a handler that is not guarded is never without an error.
fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.len() > MAX_BYTES {
        return;
    }
    let (arguments, item) = text.split_once("\n---\n").unwrap_or((text, HANDLER));
    let (Ok(arguments), Ok(item)) = (arguments.parse::<TokenStream>(), item.parse::<TokenStream>()) else {
        return;
    };
    let handler = syn::parse2::<syn::ItemFn>(item.clone()).ok();
    for output in [
        attribute::with_api_auth_required(arguments.clone(), item.clone()),
        attribute::public(arguments.clone(), item.clone()),
        attribute::policy(arguments.clone(), item.clone()),
    ] {
        let has_error = output.to_string().contains("compile_error");
        let parsed = syn::parse2::<syn::File>(output.clone());
        // The compiler gives an attribute nothing but items.
        if syn::parse2::<syn::Item>(item.clone()).is_ok() {
            assert!(parsed.is_ok() || has_error, "this is no Rust:\n{output}");
        }
        if let Some(handler) = &handler {
            let name = handler.sig.ident.to_string();
            assert!(output.to_string().contains(&name), "the handler {name} is gone");
        }
    }
    let guarded = attribute::with_api_auth_required(arguments, item).to_string();
    if handler.is_some_and(|handler| handler.sig.asyncness.is_some()) {
        assert!(guarded.contains("Guard") || guarded.contains("compile_error"), "it is open:\n{guarded}");
    }
}
